import { type NestExpressApplication } from '@nestjs/platform-express';
import helmet from 'helmet';

import { ApiKeyRing } from './access/api-keys.js';
import { identifyCallers } from './access/caller.js';
import { createBodyParser } from './common/http/body-parser.js';
import { corsFor } from './common/http/cors.js';
import { closeGracefully } from './common/http/graceful-close.js';
import { requireHttp1 } from './common/http/http-version.js';
import { observeRequests } from './common/http/observe-requests.js';
import { answerRawErrors } from './common/http/raw-answers.js';
import { assignRequestId } from './common/http/request-id.js';
import { limitServer } from './common/http/server-limits.js';
import { createValidationPipe } from './common/http/validation.js';
import { ProblemDetailsFilter } from './common/filters/problem-details.filter.js';
import { logRequests } from './common/logging/request-log.js';
import { AppLogger } from './common/logging/app-logger.js';
import { accessConfig, type AccessConfig } from './config/access.config.js';
import { appConfig, type AppConfig } from './config/app.config.js';
import { Readiness } from './health/readiness.js';
import { serveDocs } from './openapi.js';

const securityHeaders = helmet({
  // Swagger UI brings a style attribute and a data: logo; scripts come from us alone.
  contentSecurityPolicy: {
    directives: {
      'script-src': ["'self'"],
      'style-src': ["'self'", "'unsafe-inline'"],
      'img-src': ["'self'", 'data:', 'blob:', 'https:'],
      'upgrade-insecure-requests': null,
    },
  },
});

/** Everything between the socket and the controllers; used by main.ts and by every end-to-end test. */
export const configureApp = (app: NestExpressApplication): AppConfig => {
  const config = app.get<AppConfig>(appConfig.KEY);
  const access = app.get<AccessConfig>(accessConfig.KEY);
  const logger = app.get(AppLogger);
  app.useLogger(logger);
  app.set('trust proxy', access.trustProxy);
  app.use(assignRequestId);
  app.use(observeRequests);
  app.use(logRequests(logger));
  app.use(securityHeaders);
  app.use(requireHttp1);
  if (config.corsOrigins.length > 0) app.enableCors(corsFor(config.corsOrigins));
  app.use(identifyCallers(app.get(ApiKeyRing), access.isOpen));
  app.use(createBodyParser(config.bodyLimitBytes));
  app.useGlobalPipes(createValidationPipe());
  app.useGlobalFilters(new ProblemDetailsFilter(logger));
  // These two only: without a list Nest would also end at SIGHUP, which loads the model again.
  // Drained by then, so the process ends by itself with 0 instead of by the signal.
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  if (config.servesDocs) serveDocs(app);
  const server = app.getHttpServer();
  limitServer(server, { ...config, maxConnections: access.maxConnections });
  answerRawErrors(server, logger);
  const readiness = app.get(Readiness);
  closeGracefully(server, () => config.shutdownTimeoutMs - readiness.shuttingDownForMs());
  return config;
};
