import { pipeline } from 'node:stream/promises';

import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type Request, type Response } from 'express';

import { Public } from '../access/require-scope.js';
import { ImageError, NotFoundError } from '../common/errors/errors.js';
import { ApiProblems, both } from '../common/http/api-docs.js';
import {
  IMAGE_STORE,
  type ImageAccess,
  type ImageStore,
  isImageName,
} from '../providers/image-store/image-store.port.js';
import { findCatalogueIcon } from '../providers/product-search/catalogue/catalogue-icons.js';

/** A name is never given to another picture, so a copy is good for ever. */
const FOR_EVER = 'public, max-age=31536000, immutable';
const ICON_PREFIX = 'catalogue-';

/** What a client uploaded is no photo, so there is none. */
const unlessNoPhoto = (error: unknown): undefined => {
  if (error instanceof ImageError) return undefined;
  throw error;
};

const PICTURES = ['image/jpeg', 'image/png', 'image/webp', 'image/svg+xml'];

@ApiTags('images')
@Controller('images')
export class ImagesController {
  constructor(@Inject(IMAGE_STORE) private readonly store: ImageStore) {}

  @Get(':name')
  @Public()
  @ApiOperation({
    summary: 'A stored image',
    description: both(
      'Permanent short link: streams the picture or redirects to where it is stored.',
      '영구 짧은 링크. 이미지를 보내거나 저장된 곳으로 리다이렉트합니다.',
    ),
  })
  @ApiParam({
    name: 'name',
    description: both('Name from a link that we handed out.', '우리가 준 링크의 이름.'),
    schema: { type: 'string', example: '0192f7c4-8f5e-7a3b-9c1d-2e3f4a5b6c7d.jpg' },
  })
  @ApiResponse({
    status: 200,
    description: both('The picture.', '이미지.'),
    content: Object.fromEntries(
      PICTURES.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
    ),
  })
  @ApiResponse({ status: 302, description: both('Where the picture is.', '이미지의 위치.') })
  @ApiResponse({
    status: 304,
    description: both('Your copy is good.', '가지고 있는 사본이 최신입니다.'),
  })
  @ApiProblems('not_found', 'provider_failed', 'provider_unavailable', 'provider_timeout')
  async read(
    @Param('name') name: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    // Frontends on other origins show these pictures; none of them may run as a page of ours.
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    response.setHeader(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    );
    response.setHeader('X-Content-Type-Options', 'nosniff');
    const image = isImageName(name) ? await this.find(name, response) : undefined;
    if (image === undefined) throw new NotFoundError('There is no image with this name.');
    if (image !== 'sent') await this.send(image, request, response);
  }

  private async find(name: string, response: Response): Promise<ImageAccess | 'sent' | undefined> {
    if (!name.startsWith(ICON_PREFIX)) return this.store.open(name).catch(unlessNoPhoto);
    const icon = await findCatalogueIcon(name.slice(ICON_PREFIX.length).replace(/\.svg$/, ''));
    if (!icon) return undefined;
    // Icons change with the service's version, so they are kept for a day only.
    response.setHeader('Cache-Control', 'public, max-age=86400');
    response.type('image/svg+xml').send(icon);
    return 'sent';
  }

  private async send(image: ImageAccess, request: Request, response: Response): Promise<void> {
    if (image.kind === 'redirect') {
      response.setHeader('Cache-Control', `public, max-age=${image.maxAgeSeconds}`);
      response.redirect(302, image.url);
      return;
    }
    response.setHeader('Cache-Control', FOR_EVER);
    response.setHeader('ETag', image.etag);
    if (request.get('If-None-Match') === image.etag) {
      image.stream.destroy();
      response.status(304).end();
      return;
    }
    response.type(image.contentType).setHeader('Content-Length', image.sizeBytes);
    if (request.method === 'HEAD') {
      image.stream.destroy();
      response.end();
      return;
    }
    // A client that goes away in the middle is no error of ours.
    await pipeline(image.stream, response).catch(() => response.destroy());
  }
}
