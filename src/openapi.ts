import { type INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { type Request, type Response } from 'express';

import { renderErrorsHtml } from './common/errors/errors-page.js';
import { both, problemResponse } from './common/http/api-docs.js';
import { ProblemDto } from './common/http/problem.dto.js';
import { packageVersion } from './common/package-version.js';

const TAGS: readonly (readonly [string, string, string])[] = [
  ['classify', 'Is this photo a desk?', '책상 사진인지 판정합니다.'],
  [
    'generate v1',
    'Redesign a desk, prompt only or in full.',
    '책상을 새로 꾸밉니다(프롬프트만 또는 전체).',
  ],
  [
    'generate v2',
    "The same, drawn by the team's own model.",
    '같은 흐름을 팀의 자체 모델로 그립니다.',
  ],
  [
    'tasks',
    'Background work: follow, list, cancel, delete.',
    '백그라운드 작업: 추적, 목록, 취소, 삭제.',
  ],
  ['uploads', 'Send a photo that has no public address.', '공개 주소가 없는 사진을 보냅니다.'],
  ['images', 'Stored pictures.', '저장된 이미지.'],
  ['health', 'For load balancers and operators.', '로드 밸런서와 운영자용.'],
  ['info', 'What runs here.', '실행 중인 구성.'],
  ['metrics', 'For Prometheus.', 'Prometheus용 지표.'],
  ['playground', 'A page for people.', '사람이 직접 써 보는 페이지.'],
];

const DESCRIPTION = both(
  'A desk photo goes in; a redesigned desk and the products to make it real come out. Generation runs as a task: create it, then wait (`Prefer: wait`), follow its events, read it, or be called back.',
  '책상 사진을 보내면 새로 꾸민 책상 이미지와 실제로 살 수 있는 상품을 돌려줍니다. 생성은 작업으로 실행되며, 기다리거나(`Prefer: wait`), 이벤트로 추적하거나, 조회하거나, 콜백을 받을 수 있습니다.',
);

/** The document that `/docs` shows and `openapi.json` holds. */
export const createOpenApiDocument = (app: INestApplication): OpenAPIObject => {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Desk AI')
    .setDescription(DESCRIPTION)
    .setVersion(packageVersion())
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer('/')
    .addBearerAuth(
      {
        type: 'http',
        scheme: 'bearer',
        description: both(
          'An API key (`desk_…`). The operator makes it with `npm run key`.',
          'API 키(`desk_…`). 운영자가 `npm run key`로 만듭니다.',
        ),
      },
      'bearer',
    )
    .addApiKey(
      {
        type: 'apiKey',
        in: 'header',
        name: 'X-API-Key',
        description: both(
          'The same key in a header of its own.',
          '같은 키를 별도 헤더로 보냅니다.',
        ),
      },
      'api_key',
    );
  for (const [name, en, ko] of TAGS) builder.addTag(name, both(en, ko));
  const document = SwaggerModule.createDocument(app, builder.build(), {
    extraModels: [ProblemDto],
    operationIdFactory: (controller, method, version) =>
      `${controller.replace(/Controller$/, '')}_${method}${version ?? ''}`,
  });
  for (const operation of operationsOf(document)) {
    markPublic(operation);
    nameForClients(operation);
    // The server itself answers this, before any route is found.
    operation.responses['431'] ??= problemResponse(['headers_too_large']);
  }
  return document;
};

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'] as const;

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

const operationsOf = (document: OpenAPIObject): Operation[] =>
  Object.values(document.paths).flatMap((path) =>
    METHODS.map((method) => path[method]).filter((operation) => operation !== undefined),
  );

/** `security: []` says that an operation needs no key; without it a reader has to guess. */
const markPublic = (operation: Operation): void => {
  operation.security ??= [];
};

/** Nest numbers the paths of a route, `Info_read[0]`; generated clients make methods of these names. */
const nameForClients = (operation: Operation): void => {
  operation.operationId = operation.operationId
    ?.replace('[0]', '')
    .replace(/\[(\d+)\]$/, '_alias$1');
};

export const serveDocs = (app: INestApplication): void => {
  // Where the `type` of every problem leads; before Swagger UI, which answers for all below /docs.
  app.getHttpAdapter().get('/docs/errors', (_request: Request, response: Response) => {
    response.type('html').send(renderErrorsHtml());
  });
  SwaggerModule.setup('docs', app, () => createOpenApiDocument(app), {
    jsonDocumentUrl: 'docs-json',
    yamlDocumentUrl: 'docs-yaml',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true },
    customSiteTitle: 'Desk AI',
  });
};
