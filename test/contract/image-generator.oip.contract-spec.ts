import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { systemClock } from '../../src/common/clock.js';
import { type GenerationConfig } from '../../src/config/generation.config.js';
import { sharp } from '../../src/imaging/sharp.js';
import { CustomInferenceImageGenerator } from '../../src/providers/image-generator/custom-inference-image-generator.js';
import { InferenceServer } from '../../src/providers/image-generator/inference/inference-server.js';
import {
  kserveBinaryProtocol,
  kserveProtocol,
} from '../../src/providers/image-generator/inference/kserve.protocol.js';
import { type OipServer, startOipServer, whyNoOipServer } from '../support/oip/oip-server.js';
import { aGenerationConfig } from '../support/upstreams/provider-configs.js';

if (whyNoOipServer !== undefined)
  process.stderr.write(`OIP tests are left out, ${whyNoOipServer}\n`);
const describeOip = whyNoOipServer === undefined ? describe : describe.skip;

/** The adapter against a server that others wrote: MLServer reads and writes the tensors. */
describeOip('kserve, against MLServer', () => {
  let oip: OipServer;

  beforeAll(async () => {
    oip = await startOipServer();
  }, 120_000);

  afterAll(() => oip?.close());

  const config = (changes: Partial<GenerationConfig> = {}): GenerationConfig =>
    aGenerationConfig({
      customInferenceUrl: oip.url,
      customInferenceProtocol: 'kserve',
      ...changes,
    });
  const server = (changes: Partial<GenerationConfig> = {}): InferenceServer =>
    new InferenceServer(config(changes), kserveProtocol, systemClock);

  it('draws', async () => {
    const image = await sharp({
      create: { width: 320, height: 240, channels: 3, background: '#a86' },
    })
      .jpeg()
      .toBuffer();
    const drawn = await new CustomInferenceImageGenerator(config(), server()).generate(
      { image, width: 320, height: 240, concept: 'SIMPLE', prompt: '책상 desk', seed: 7 },
      new AbortController().signal,
    );

    expect(drawn.bytes.equals(image)).toBe(true);
  });

  it('knows its state, and misses a model that is not there', async () => {
    expect(await server().check()).toMatchObject({ state: 'up', name: 'desk-redesign' });
    expect(await server({ customInferenceModel: 'none' }).check()).toMatchObject({
      state: 'degraded',
    });
  });

  it('draws nothing in the binary form: MLServer takes it for broken JSON', async () => {
    const order = {
      image: Buffer.from([0xff, 0xd8, 0xff]),
      width: 64,
      height: 64,
      concept: 'SIMPLE' as const,
      prompt: 'x',
      seed: null,
    };
    const binary = new InferenceServer(config(), kserveBinaryProtocol, systemClock);
    await expect(
      new CustomInferenceImageGenerator(config(), binary).generate(
        order,
        new AbortController().signal,
      ),
    ).rejects.toMatchObject({ code: 'provider_unavailable', upstreamStatus: 500 });
  });

  it('hears the refusal of the model', async () => {
    const order = {
      image: Buffer.from('no photo'),
      width: 64,
      height: 64,
      concept: 'SIMPLE' as const,
      prompt: 'x',
      seed: null,
    };
    await expect(
      new CustomInferenceImageGenerator(config(), server()).generate(
        order,
        new AbortController().signal,
      ),
    ).rejects.toMatchObject({ code: 'provider_failed', upstreamStatus: 400 });
  });
});
