import { systemClock } from '../../src/common/clock.js';
import { createS3Client } from '../../src/providers/image-store/s3-client.js';
import { S3ImageStore } from '../../src/providers/image-store/s3-image-store.js';
import { describeFaults } from '../support/upstreams/describe-faults.js';
import { anS3Config } from '../support/upstreams/provider-configs.js';

/** The SDK tries again what is safe to repeat and may pass; our deadline covers all tries. */
const TRIED_AGAIN = new Set(['reset before headers', '500', '502', '503 with Retry-After']);

const PAYLOADS_ARE_PICTURES = [
  'truncated JSON',
  'empty answer',
  'JSON of another shape',
  'JSON null',
  'HTML with 200',
  '30 MB answer',
  '30 MB claimed',
];

describeFaults({
  name: 's3',
  secrets: ['LEAK-KEY', 'test-access', 'desk-photos', 'leak-name'],
  call: async (base, timeoutMs) => {
    const config = anS3Config(base, { timeoutMs });
    const client = createS3Client(config);
    try {
      return await new S3ImageStore(
        { s3: config, publicBaseUrl: 'http://x', uploadTtlMs: 1_000, maxBytes: 1_000 },
        client,
        systemClock,
        async (file) => file,
      ).find('leak-name.jpg');
    } finally {
      client.destroy();
    }
  },
  // What is in an object is the decoder's business; a picture that is not there is no fault.
  leavesOut: [...PAYLOADS_ARE_PICTURES, '404'],
  differs: {
    '429 with Retry-After': { retryAfterMs: undefined },
    '503 with Retry-After': { retryAfterMs: undefined },
  },
  attempts: ({ name }) => (TRIED_AGAIN.has(name) ? 3 : 1),
});
