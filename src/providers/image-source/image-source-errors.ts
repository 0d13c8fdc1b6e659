import { ImageError } from '../../common/errors/errors.js';
import { type OutboundError } from '../../common/http/outbound/outbound-error.js';

/** What a failed download means for the photo; `details.reason` is for logs. */
export const toImageError = (error: OutboundError): ImageError => {
  const details = { host: error.host, reason: error.reason };
  const options = {
    cause: error,
    details,
    retryable: error.isTransient,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  };
  switch (error.kind) {
    case 'forbidden_url':
    case 'forbidden_address':
      return new ImageError('image_url_forbidden', error.message, options);
    case 'too_large':
      return new ImageError('image_too_large', error.message, options);
    case 'protocol_error':
    case 'dns_failed':
    case 'connection_failed':
    case 'tls_failed':
    case 'timeout':
    case 'http_status':
    case 'too_many_redirects':
    case 'aborted':
      return new ImageError('image_unreachable', error.message, options);
  }
};
