import { Body, Controller, HttpCode, Param, Post, Put, Query, Req } from '@nestjs/common';
import { ApiBody, ApiExcludeEndpoint, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type Request } from 'express';

import { Public, RequireScope } from '../access/require-scope.js';
import { ApiProblems, both } from '../common/http/api-docs.js';
import { readPhoto } from '../imaging/read-photo.js';
import { UploadedDto, UploadRequestDto, UploadResponseDto } from './dto/upload.dto.js';
import { type SignedUpload, UploadsService } from './uploads.service.js';

@ApiTags('uploads')
@Controller('uploads')
export class UploadsController {
  constructor(private readonly uploads: UploadsService) {}

  @Post()
  @RequireScope('generate', 'classify')
  @HttpCode(201)
  @ApiOperation({
    summary: 'A link to upload a photo to',
    description: both(
      'Send the photo with the returned method, address, headers and form fields, then use `image_url`. Location and other metadata are removed before the photo is shown or sent on.',
      '반환된 메서드·주소·헤더·폼 필드로 사진을 보낸 뒤 `image_url`을 사용하세요. 위치 등 메타데이터는 사진을 보여 주거나 전달하기 전에 제거합니다.',
    ),
  })
  @ApiBody({ type: UploadRequestDto, required: false })
  @ApiResponse({
    status: 201,
    type: UploadResponseDto,
    description: both('The link.', '업로드 링크.'),
  })
  @ApiProblems(
    'malformed_json',
    'validation_failed',
    'payload_too_large',
    'unsupported_media_type',
    'rate_limited',
  )
  create(@Body() body: UploadRequestDto): Promise<UploadResponseDto> {
    return this.uploads.create(body ?? {});
  }

  /** Where links of the local store lead; with S3 they lead to the bucket. Documented by the link itself. */
  @Put(':name')
  @Public()
  @ApiExcludeEndpoint()
  async receive(
    @Param('name') name: string,
    @Query() query: Readonly<Record<string, unknown>>,
    @Req() request: Request,
  ): Promise<UploadedDto> {
    const upload = toSignedUpload(name, query);
    // Before a single byte is read: strangers do not get to send us 15 MB.
    this.uploads.assertSigned(upload);
    return this.uploads.receive(upload, await readPhoto(request, upload.maxBytes));
  }
}

const toSignedUpload = (name: string, query: Readonly<Record<string, unknown>>): SignedUpload => ({
  name,
  contentType: String(query['type'] ?? ''),
  maxBytes: Number(query['max']),
  expiresAt: new Date(Number(query['expires'])),
  signature: String(query['signature'] ?? ''),
});
