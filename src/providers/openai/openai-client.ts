import OpenAI from 'openai';

import { type OpenAiConfig } from '../../config/openai.config.js';
import { boundedFetch } from '../upstream/upstream-client.js';

/** Four bytes of base64 for three of picture: room for a 3840 x 2160 PNG and a little JSON. */
const MAX_ANSWER_BYTES = 25 * 1_048_576;
/** The SDK's own limit ends after ours, so that ours, which covers the body as well, decides. */
const SDK_MARGIN_MS = 5_000;

/**
 * The SDK with everything pinned that it would else read from the environment or do by itself: no
 * retries (it would send a quota error three times and pay a timed-out picture twice), no logging, no
 * organisation taken from variables that our settings do not list.
 */
export const createOpenAiClient = (
  config: Pick<OpenAiConfig, 'apiKey' | 'baseUrl'>,
  timeoutMs: number,
): OpenAI =>
  new OpenAI({
    baseURL: config.baseUrl,
    // Gateways of one's own may want no key; the SDK does.
    apiKey: config.apiKey ?? 'none',
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: timeoutMs + SDK_MARGIN_MS,
    logLevel: 'off',
    fetch: boundedFetch({ timeoutMs, maxBytes: MAX_ANSWER_BYTES }),
  });
