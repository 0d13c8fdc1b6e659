import { systemClock } from '../../src/common/clock.js';
import { type InferenceProtocol } from '../../src/providers/image-generator/inference/inference-protocol.js';
import { CustomInferenceImageGenerator } from '../../src/providers/image-generator/custom-inference-image-generator.js';
import { type ImageGenerator } from '../../src/providers/image-generator/image-generator.port.js';
import { InferenceServer } from '../../src/providers/image-generator/inference/inference-server.js';
import {
  kserveBinaryProtocol,
  kserveProtocol,
} from '../../src/providers/image-generator/inference/kserve.protocol.js';
import { openAiProtocol } from '../../src/providers/image-generator/inference/openai.protocol.js';
import { sdapiProtocol } from '../../src/providers/image-generator/inference/sdapi.protocol.js';
import { OpenAiImageGenerator } from '../../src/providers/image-generator/openai-image-generator.js';
import { describeFaults } from '../support/upstreams/describe-faults.js';
import { CANARY, type Fault } from '../support/upstreams/faults.js';
import { sendJson } from '../support/upstreams/local-server.js';
import { openAiError } from '../support/upstreams/openai-upstream.js';
import {
  aBudget,
  aGenerationConfig,
  anOpenAiConfig,
  thePrices,
} from '../support/upstreams/provider-configs.js';

const SECRETS = ['LEAK-KEY', 'LEAK-PROMPT', '/v1', '/v2', '/sdapi'];
const unusable = { code: 'provider_failed', isRetryable: false };

const generate = (generator: ImageGenerator): Promise<unknown> =>
  generator.generate(
    {
      image: Buffer.from([0xff, 0xd8, 0xff]),
      width: 320,
      height: 240,
      concept: 'BASIC',
      prompt: 'LEAK-PROMPT',
      seed: 1,
    },
    new AbortController().signal,
  );

const answers = (body: unknown): Pick<Fault, 'respond'> => ({
  respond: (response) => sendJson(response, 200, body),
});

const refuses = (status: number, body: object): Pick<Fault, 'respond'> => ({
  respond: (response) => sendJson(response, status, body),
});

const text = (value: string): string => Buffer.from(value).toString('base64');
const rejected = { code: 'content_rejected', isRetryable: false };

describeFaults({
  name: 'openai images.edit',
  secrets: SECRETS,
  call: (base, timeoutMs) =>
    generate(
      new OpenAiImageGenerator(
        anOpenAiConfig({ baseUrl: `${base}/v1` }),
        aGenerationConfig({ timeoutMs }),
        thePrices(),
        aBudget(),
        systemClock,
      ),
    ),
  more: [
    { name: 'invalid base64', ...answers({ data: [{ b64_json: '***' }] }), ...unusable },
    {
      name: 'a picture that is none',
      ...answers({ data: [{ b64_json: text(CANARY) }] }),
      ...unusable,
    },
    {
      name: 'a picture cut off after its header',
      ...answers({ data: [{ b64_json: text('\u0089PNG\r\n\u001a\n') }] }),
      ...unusable,
    },
    { name: 'no pictures', ...answers({ data: [] }), ...unusable },
    {
      name: 'a link instead of a picture',
      ...answers({ data: [{ url: 'http://x/' }] }),
      ...unusable,
    },
    {
      name: 'quota by type',
      ...refuses(429, openAiError(null, 'insufficient_quota')),
      ...unusable,
    },
    {
      name: 'quota by code',
      ...refuses(429, openAiError('credit_balance_exhausted')),
      ...unusable,
    },
    {
      name: 'spend limit',
      ...refuses(429, openAiError('project_spend_limit_exceeded')),
      ...unusable,
    },
    {
      name: 'billing limit',
      ...refuses(400, openAiError('billing_hard_limit_reached')),
      ...unusable,
    },
    {
      name: 'rate limit by code',
      ...refuses(429, openAiError('rate_limit_exceeded')),
      code: 'provider_unavailable',
      isRetryable: true,
    },
    {
      name: 'moderation',
      ...refuses(400, openAiError('moderation_blocked', 'image_generation_user_error')),
      ...rejected,
    },
    {
      name: 'content policy',
      ...refuses(400, openAiError('content_policy_violation')),
      ...rejected,
    },
    {
      name: 'organisation not verified',
      ...refuses(403, openAiError(null, 'x', `Your organization must be verified ${CANARY}`)),
      ...unusable,
    },
    { name: 'retired model', ...refuses(404, openAiError('model_not_found')), ...unusable },
  ],
});

const PROTOCOLS: readonly (readonly [string, InferenceProtocol, (base64: string) => unknown])[] = [
  ['openai', openAiProtocol, (base64) => ({ data: [{ b64_json: base64 }] })],
  ['sdapi', sdapiProtocol, (base64) => ({ images: [base64] })],
  [
    'kserve',
    kserveProtocol,
    (base64) => ({ outputs: [{ name: 'image', datatype: 'BYTES', shape: [1], data: [base64] }] }),
  ],
  [
    'kserve-binary',
    kserveBinaryProtocol,
    (base64) => ({ outputs: [{ name: 'image', datatype: 'BYTES', shape: [1], data: [base64] }] }),
  ],
];

for (const [name, protocol, answer] of PROTOCOLS) {
  describeFaults({
    name: `custom ${name}`,
    secrets: SECRETS,
    call: (base, timeoutMs) => {
      const config = aGenerationConfig({ customInferenceUrl: base, timeoutMs });
      const server = new InferenceServer(config, protocol, systemClock);
      return generate(new CustomInferenceImageGenerator(config, server));
    },
    more: [
      { name: 'invalid base64', ...answers(answer('***')), ...unusable },
      { name: 'a picture that is none', ...answers(answer(text(CANARY))), ...unusable },
      { name: 'an empty picture', ...answers(answer('')), ...unusable },
      {
        name: 'an error of the server itself',
        ...refuses(422, { detail: CANARY, error: CANARY }),
        ...unusable,
      },
      // Only one protocol knows addresses; to the others this is an answer without a picture.
      {
        name: 'a picture on another server',
        ...answers({ data: [{ url: `http://169.254.169.254/${CANARY}` }] }),
        ...unusable,
      },
    ],
  });
}
