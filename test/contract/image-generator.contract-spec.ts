import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { systemClock } from '../../src/common/clock.js';
import { CONCEPTS } from '../../src/generation/domain/concept.js';
import { sharp } from '../../src/imaging/sharp.js';
import { CustomInferenceImageGenerator } from '../../src/providers/image-generator/custom-inference-image-generator.js';
import { EmbeddedImageGenerator } from '../../src/providers/image-generator/embedded-image-generator.js';
import { ImageGeneratorLadder } from '../../src/providers/image-generator/image-generator-ladder.js';
import {
  type ImageGenerationRequest,
  type ImageGenerator,
} from '../../src/providers/image-generator/image-generator.port.js';
import { type InferenceProtocol } from '../../src/providers/image-generator/inference/inference-protocol.js';
import { InferenceServer } from '../../src/providers/image-generator/inference/inference-server.js';
import {
  kserveBinaryProtocol,
  kserveProtocol,
} from '../../src/providers/image-generator/inference/kserve.protocol.js';
import { openAiProtocol } from '../../src/providers/image-generator/inference/openai.protocol.js';
import { sdapiProtocol } from '../../src/providers/image-generator/inference/sdapi.protocol.js';
import { OpenAiImageGenerator } from '../../src/providers/image-generator/openai-image-generator.js';
import { ProviderBreaker } from '../../src/providers/resilience/provider-breaker.js';
import { FakeImageGenerator } from '../fakes/fake-image-generator.js';
import {
  type InferenceUpstream,
  startInferenceUpstream,
} from '../support/upstreams/inference-upstream.js';
import {
  json,
  type OpenAiUpstream,
  pictureAnswer,
  startOpenAiUpstream,
} from '../support/upstreams/openai-upstream.js';
import {
  aBudget,
  aGenerationConfig,
  anOpenAiConfig,
  thePrices,
} from '../support/upstreams/provider-configs.js';

let openAi: OpenAiUpstream;
let inference: InferenceUpstream;
let photo: Buffer;
let picture: Buffer;

beforeAll(async () => {
  const canvas = sharp({ create: { width: 320, height: 240, channels: 3, background: '#a86' } });
  photo = await canvas.clone().jpeg().toBuffer();
  picture = await canvas.clone().resize(96, 64).jpeg().toBuffer();
  openAi = await startOpenAiUpstream();
  inference = await startInferenceUpstream(picture);
});

afterAll(async () => {
  await openAi.close();
  await inference.close();
});

beforeEach(() => {
  openAi.answer('/images/edits', json(pictureAnswer(picture.toString('base64'))));
  openAi.answer('/images/generations', json(pictureAnswer(picture.toString('base64'))));
  for (const { violations } of [openAi, inference]) violations.length = 0;
});

const aRequest = (changes: Partial<ImageGenerationRequest> = {}): ImageGenerationRequest => ({
  image: photo,
  width: 320,
  height: 240,
  concept: 'BASIC',
  prompt: 'Add a wooden monitor stand {keep} and hide the cables.',
  seed: null,
  ...changes,
});

const openAiGenerator = (imageModel = 'gpt-image-2.5-flare'): ImageGenerator =>
  new OpenAiImageGenerator(
    anOpenAiConfig({ baseUrl: `${openAi.url}/v1`, imageModel }),
    aGenerationConfig(),
    thePrices(),
    aBudget(),
    systemClock,
  );

const customGenerator = (protocol: InferenceProtocol, path = ''): ImageGenerator => {
  const config = aGenerationConfig({ customInferenceUrl: `${inference.url}${path}` });
  return new CustomInferenceImageGenerator(
    config,
    new InferenceServer(config, protocol, systemClock),
  );
};

const ladder = (): ImageGenerator => {
  const breaker = (name: string): ProviderBreaker =>
    new ProviderBreaker(name, { failures: 5, openMs: 30_000 }, systemClock);
  return new ImageGeneratorLadder([
    { adapter: openAiGenerator(), breaker: breaker('openai') },
    { adapter: new FakeImageGenerator(), breaker: breaker('fake') },
  ]);
};

const ADAPTERS: readonly (readonly [string, () => ImageGenerator])[] = [
  ['fake', () => new FakeImageGenerator()],
  ['embedded', () => new EmbeddedImageGenerator()],
  ['openai', () => openAiGenerator()],
  ['openai with fixed sizes', () => openAiGenerator('gpt-image-1.5')],
  ['openai dall-e-3', () => openAiGenerator('dall-e-3')],
  ['openai dall-e-2', () => openAiGenerator('dall-e-2')],
  ['custom openai', () => customGenerator(openAiProtocol, '/v1')],
  ['custom sdapi', () => customGenerator(sdapiProtocol)],
  ['custom kserve', () => customGenerator(kserveProtocol)],
  ['custom kserve-binary', () => customGenerator(kserveBinaryProtocol)],
  ['ladder', ladder],
];

describe.each(ADAPTERS)('ImageGenerator: %s', (_, create) => {
  let generator: ImageGenerator;

  beforeAll(() => {
    generator = create();
  });

  afterAll(async () => {
    if (generator instanceof EmbeddedImageGenerator) await generator.onApplicationShutdown();
  });

  it.each(CONCEPTS)('draws a picture in the look %s', async (concept) => {
    const before = Buffer.from(photo);
    const drawn = await generator.generate(aRequest({ concept }), new AbortController().signal);

    const { width, height, format } = await sharp(drawn.bytes).metadata();
    expect(width * height).toBeGreaterThan(0);
    expect(['jpeg', 'png', 'webp']).toContain(format);
    expect(generator.name.split(',')).toContain(drawn.generator);
    expect(drawn.calls.every(({ usd }) => usd === null || usd > 0)).toBe(true);
    expect(photo.equals(before)).toBe(true);
    expect([...openAi.violations, ...inference.violations]).toEqual([]);
  });

  it('takes a seed and any proportions', async () => {
    for (const [width, height] of [
      [300, 40],
      [40, 300],
      [257, 251],
    ] as const) {
      const image = await sharp({ create: { width, height, channels: 3, background: '#555' } })
        .jpeg()
        .toBuffer();
      await generator.generate(
        aRequest({ image, width, height, seed: 7 }),
        new AbortController().signal,
      );
    }

    expect([...openAi.violations, ...inference.violations]).toEqual([]);
  });

  it('draws nothing for a caller that has given up', async () => {
    const before = openAi.requests.length + inference.requests.length;
    const reason = new Error('canceled');

    await expect(generator.generate(aRequest(), AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(openAi.requests.length + inference.requests.length).toBe(before);
  });

  it('names itself and its model', () => {
    expect(generator.name).toMatch(/^[a-z0-9,]+$/);
    expect(generator.model).not.toBe('');
  });
});

describe('a call that is canceled while it runs', () => {
  it.each(['openai', 'custom'])('ends with the reason of the caller: %s', async (name) => {
    const controller = new AbortController();
    const reason = new Error('canceled');
    const hang = (): void => controller.abort(reason);
    openAi.answer('/images/edits', hang);
    inference.answer(hang);
    const generator = name === 'openai' ? openAiGenerator() : customGenerator(sdapiProtocol);

    await expect(generator.generate(aRequest(), controller.signal)).rejects.toBe(reason);
    inference.answer(undefined);
  });
});
