import { ImageError } from '../../common/errors/errors.js';
import {
  type OutboundError,
  type OutboundErrorKind,
} from '../../common/http/outbound/outbound-error.js';

const CODES = {
  forbidden_url: 'image_url_forbidden',
  forbidden_address: 'image_url_forbidden',
  too_large: 'image_too_large',
  dns_failed: 'image_unreachable',
  connection_failed: 'image_unreachable',
  tls_failed: 'image_unreachable',
  timeout: 'image_unreachable',
  http_status: 'image_unreachable',
  too_many_redirects: 'image_unreachable',
  protocol_error: 'image_unreachable',
  aborted: 'image_unreachable',
} as const satisfies Record<OutboundErrorKind, string>;

/** What a failed download means for the photo; `details.reason` is for logs. */
export const toImageError = (error: OutboundError): ImageError =>
  new ImageError(CODES[error.kind], error.message, {
    cause: error,
    details: { host: error.host, reason: error.reason },
    retryable: error.isTransient,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  });
