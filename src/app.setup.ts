import { type NestExpressApplication } from '@nestjs/platform-express';
import helmet from 'helmet';

import { createBodyParser } from './common/http/body-parser.js';
import { assignRequestId } from './common/http/request-id.js';
import { createValidationPipe } from './common/http/validation.js';
import { ProblemDetailsFilter } from './common/filters/problem-details.filter.js';
import { logRequests } from './common/logging/request-log.js';
import { AppLogger } from './common/logging/app-logger.js';
import { appConfig, type AppConfig } from './config/app.config.js';
import { serveDocs } from './openapi.js';

/** Everything between the socket and the controllers; used by main.ts and by every end-to-end test. */
export const configureApp = (app: NestExpressApplication): AppConfig => {
  const config = app.get<AppConfig>(appConfig.KEY);
  const logger = app.get(AppLogger);
  app.useLogger(logger);
  app.use(assignRequestId);
  app.use(logRequests(logger));
  app.use(
    helmet({
      // Swagger UI brings a style attribute and a data: logo; scripts come from us alone.
      contentSecurityPolicy: {
        directives: {
          'script-src': ["'self'"],
          'style-src': ["'self'", "'unsafe-inline'"],
          'img-src': ["'self'", 'data:', 'blob:', 'https:'],
          'upgrade-insecure-requests': null,
        },
      },
    }),
  );
  if (config.corsOrigins.length > 0) {
    app.enableCors({
      origin: [...config.corsOrigins],
      exposedHeaders: ['Location', 'Preference-Applied', 'Retry-After', 'X-Request-Id'],
    });
  }
  app.use(createBodyParser(config.bodyLimitBytes));
  app.useGlobalPipes(createValidationPipe());
  app.useGlobalFilters(new ProblemDetailsFilter(logger));
  // Drained by then, so the process ends by itself with 0 instead of by the signal.
  app.enableShutdownHooks([], { useProcessExit: true });
  if (config.servesDocs) serveDocs(app);
  const server = app.getHttpServer();
  server.requestTimeout = config.requestTimeoutMs;
  server.headersTimeout = Math.min(config.requestTimeoutMs, 15_000);
  server.keepAliveTimeout = config.keepAliveTimeoutMs;
  return config;
};
