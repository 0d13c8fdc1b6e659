import { type CorsOptions } from '@nestjs/common/interfaces/external/cors-options.interface.js';

/** How long a browser may remember a preflight, in seconds. */
const PREFLIGHT_SECONDS = 600;

/** For the listed origins only. Keys travel in headers, so cookies and `credentials` are not needed. */
export const corsFor = (origins: readonly string[]): CorsOptions => ({
  origin: [...origins],
  credentials: false,
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
  allowedHeaders: [
    'Accept-Language',
    'Authorization',
    'Content-Type',
    'Idempotency-Key',
    'Last-Event-ID',
    'Prefer',
    'X-API-Key',
    'X-Mock-Scenario',
    'X-Request-Id',
  ],
  exposedHeaders: [
    'Allow',
    'Content-Language',
    'Location',
    'Preference-Applied',
    'RateLimit',
    'RateLimit-Policy',
    'Retry-After',
    'WWW-Authenticate',
    'X-Request-Id',
  ],
  maxAge: PREFLIGHT_SECONDS,
});
