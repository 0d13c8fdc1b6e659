import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type Request, type Response } from 'express';

import { Public } from '../access/require-scope.js';
import { NotFoundError } from '../common/errors/errors.js';
import { ApiProblems, both } from '../common/http/api-docs.js';
import { accessConfig, type AccessConfig } from '../config/access.config.js';
import { appConfig, type AppConfig } from '../config/app.config.js';
import { playgroundConfig, type PlaygroundConfig } from '../config/playground.config.js';
import { MOCK_SCENARIOS, type MockScenario } from '../mock-scenarios/mock-scenario.js';
import { MockScenarios } from '../mock-scenarios/mock-scenarios.js';
import { type PlaygroundFile, PlaygroundFiles } from './playground-files.js';
import { PlaygroundPolicy } from './playground-policy.js';

/** What the page has to know before it asks the API anything. */
interface PlaygroundFacts {
  readonly needs_api_key: boolean;
  /** Links that begin with it lead to this service, under whatever name the page was opened. */
  readonly public_base_url: string;
  readonly has_sample: boolean;
  readonly has_docs: boolean;
  /** What `X-Mock-Scenario` may say; empty while `MOCK_SCENARIOS` is off. */
  readonly mock_scenarios: readonly MockScenario[];
}

@ApiTags('playground')
@Controller('playground')
@Public()
export class PlaygroundController {
  constructor(
    @Inject(playgroundConfig.KEY) private readonly config: PlaygroundConfig,
    @Inject(accessConfig.KEY) private readonly access: AccessConfig,
    @Inject(appConfig.KEY) private readonly app: AppConfig,
    private readonly files: PlaygroundFiles,
    private readonly policy: PlaygroundPolicy,
    private readonly scenarios: MockScenarios,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Try the service with a photo',
    description: both(
      'A page for people: drop a photo, see the verdict, follow the steps, compare before and after. Off in production unless `PLAYGROUND=on`.',
      '사진을 올려 판정, 단계별 진행, 전후 비교를 확인하는 페이지입니다. 운영 환경에서는 `PLAYGROUND=on`일 때만 열립니다.',
    ),
  })
  @ApiResponse({
    status: 200,
    description: both('The page.', '페이지.'),
    content: { 'text/html': { schema: { type: 'string' } } },
  })
  @ApiProblems('not_found')
  async page(@Req() request: Request, @Res() response: Response): Promise<void> {
    this.assertOn();
    // Its own addresses are relative, so that it works below any prefix.
    if (request.path.endsWith('/')) {
      response.redirect(308, '../playground');
      return;
    }
    const page = await this.files.findPage();
    if (page) response.setHeader('Content-Security-Policy', await this.policy.read());
    send(page, request, response);
  }

  @Get('settings.json')
  @ApiExcludeEndpoint()
  async settings(@Res({ passthrough: true }) response: Response): Promise<PlaygroundFacts> {
    this.assertOn();
    response.setHeader('Cache-Control', 'no-store');
    return {
      needs_api_key: !this.access.isOpen,
      public_base_url: this.app.publicBaseUrl,
      has_sample: (await this.files.findSample()) !== undefined,
      has_docs: this.app.servesDocs,
      mock_scenarios: this.scenarios.isOn ? MOCK_SCENARIOS : [],
    };
  }

  @Get('sample.jpg')
  @ApiExcludeEndpoint()
  async sample(@Req() request: Request, @Res() response: Response): Promise<void> {
    this.assertOn();
    send(await this.files.findSample(), request, response);
  }

  @Get(':file')
  @ApiExcludeEndpoint()
  async asset(
    @Param('file') name: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    this.assertOn();
    send(await this.files.findAsset(name), request, response);
  }

  private assertOn(): void {
    if (this.config.isOn) return;
    throw new NotFoundError('The playground is switched off: PLAYGROUND=on switches it on.', {
      messageKo: '플레이그라운드가 꺼져 있습니다. PLAYGROUND=on으로 켤 수 있습니다.',
    });
  }
}

const send = (file: PlaygroundFile | undefined, request: Request, response: Response): void => {
  if (!file) throw new NotFoundError('The playground has no file of this name.');
  // Kept by the browser, asked about every time: a new version is seen at once.
  response.setHeader('Cache-Control', 'no-cache');
  response.setHeader('ETag', file.etag);
  if (request.get('If-None-Match') === file.etag) {
    response.status(304).end();
    return;
  }
  response.setHeader('Content-Type', file.contentType);
  response.end(request.method === 'HEAD' ? undefined : file.bytes);
};
