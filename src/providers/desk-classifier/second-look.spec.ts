import 'reflect-metadata';

import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { changeManifest, config, intake, SHIPPED } from '../../../test/support/classifier.js';
import { readPhoto } from '../../../test/support/photo-server.js';
import { sharp } from '../../imaging/sharp.js';
import { OnnxDeskClassifier } from './onnx-desk-classifier.js';

describe('a photo that the first look leaves in doubt', () => {
  let classifier: OnnxDeskClassifier;
  let once: OnnxDeskClassifier;
  let desk: Buffer;
  let folder: string;

  /** The shipped model, but for its manifest. */
  const startWith = async (change: Record<string, unknown>): Promise<OnnxDeskClassifier> => {
    await changeManifest(folder, change, SHIPPED);
    return OnnxDeskClassifier.start(config({ modelDir: folder, queueLimit: 1 }), intake);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'desk-ai-model-'));
    await cp(SHIPPED, folder, { recursive: true, filter: (file) => !file.includes('training') });
    classifier = await OnnxDeskClassifier.start(config(), intake);
    desk = await sharp(await readPhoto('desk'))
      .resize(900)
      .jpeg()
      .toBuffer();
    once = await startWith({ second_look: null });
  });
  afterAll(async () => {
    await Promise.all([classifier.close(), once.close()]);
    await rm(folder, { recursive: true });
  });

  it('is looked at again, closer; another one is not', async () => {
    const [first, both] = [await once.classify(desk), await classifier.classify(desk)];
    expect(both.confidence).toBeGreaterThan(first.confidence + 0.05);
    expect(both.tags).toEqual(first.tags);

    const sea = await readPhoto('sea');
    expect(await classifier.classify(sea)).toEqual(await once.classify(sea));
  });

  it('is every photo, when the manifest sets the bounds so', async () => {
    const always = await startWith({
      second_look: { above: 0, below: 1, ramp: 1, scale: 0.7, shift: 30, temperature: 1 },
    });
    try {
      // The shift makes a yes of whatever the looks say.
      expect((await always.classify(await readPhoto('sea'))).confidence).toBeGreaterThan(0.99);
    } finally {
      await always.close();
    }
  });

  it('keeps the first answer where the closer looks have no weight yet', async () => {
    const { second_look: look } = JSON.parse(
      await readFile(join(SHIPPED, 'model.json'), 'utf8'),
    ) as { second_look: object };
    const gentle = await startWith({ second_look: { ...look, ramp: 1e6 } });
    try {
      const { confidence } = await gentle.classify(desk);
      expect(confidence).toBeCloseTo((await once.classify(desk)).confidence, 4);
    } finally {
      await gentle.close();
    }
  });

  it('is answered although its parts are more than the queue holds', async () => {
    const narrow = await startWith({});
    try {
      const { confidence } = await narrow.classify(desk);
      expect(confidence).toBe((await classifier.classify(desk)).confidence);
    } finally {
      await narrow.close();
    }
  });

  it('gets one look when it is unfit anyhow', async () => {
    const small = await sharp(desk).resize(90, 50, { fit: 'fill' }).jpeg().toBuffer();
    const verdict = await classifier.classify(small);
    expect(verdict).toMatchObject({ reason: 'too_small' });
    // Its first look leaves doubt.
    expect(verdict.confidence).toBeGreaterThan(0.03);
    expect(verdict.confidence).toBeLessThan(0.7);
    expect(verdict).toEqual(await once.classify(small));
  });
});
