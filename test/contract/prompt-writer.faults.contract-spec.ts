import { systemClock } from '../../src/common/clock.js';
import { sharp } from '../../src/imaging/sharp.js';
import { OpenAiPromptWriter } from '../../src/providers/prompt-writer/openai-prompt-writer.js';
import { describeFaults } from '../support/upstreams/describe-faults.js';
import { sendJson } from '../support/upstreams/local-server.js';
import { completionOf, openAiError } from '../support/upstreams/openai-upstream.js';
import {
  aBudget,
  anOpenAiConfig,
  aSilentLogger,
  thePrices,
} from '../support/upstreams/provider-configs.js';

const photo = sharp({ create: { width: 64, height: 48, channels: 3, background: '#a86' } })
  .jpeg()
  .toBuffer();

describeFaults({
  name: 'openai chat.completions',
  secrets: ['LEAK-KEY', '/v1'],
  call: async (base, visionTimeoutMs) =>
    new OpenAiPromptWriter(
      anOpenAiConfig({ baseUrl: `${base}/v1`, visionTimeoutMs }),
      thePrices(),
      aBudget(),
      systemClock,
      aSilentLogger(),
    ).write({ image: await photo, concept: 'BASIC', tags: [] }, new AbortController().signal),
  more: [
    {
      name: 'quota',
      respond: (response) =>
        sendJson(response, 429, openAiError('insufficient_quota', 'insufficient_quota')),
      code: 'provider_failed',
      isRetryable: false,
    },
    {
      name: 'retired model',
      respond: (response) => sendJson(response, 404, openAiError('model_not_found')),
      code: 'provider_failed',
      isRetryable: false,
    },
    {
      name: 'refusal',
      respond: (response) => sendJson(response, 200, completionOf(null, { refusal: 'LEAK-BODY' })),
      code: 'content_rejected',
      isRetryable: false,
    },
  ],
});
