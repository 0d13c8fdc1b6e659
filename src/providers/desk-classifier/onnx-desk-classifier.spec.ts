import 'reflect-metadata';

import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { changeManifest, config, intake, ROOT } from '../../../test/support/classifier.js';
import { readPhoto } from '../../../test/support/photo-server.js';
import { sharp } from '../../imaging/sharp.js';
import { OnnxDeskClassifier } from './onnx-desk-classifier.js';

const BLUE_VGG = join(ROOT, 'test', 'fixtures', 'models', 'blue-vgg');

const LOOK = { above: 0.1, below: 0.5, ramp: 1, scale: 0.7, shift: 0, temperature: 1 };

const plain = (background: string, width = 400, height = 300): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background } })
    .jpeg()
    .toBuffer();

describe(OnnxDeskClassifier.name, () => {
  let classifier: OnnxDeskClassifier;
  let desk: Buffer;

  beforeAll(async () => {
    classifier = await OnnxDeskClassifier.start(config(), intake);
    desk = await sharp(await readPhoto('desk'))
      .resize(900)
      .jpeg()
      .toBuffer();
  });
  afterAll(() => classifier.close());

  it('names what it sees, most probable first', async () => {
    const { tags } = await classifier.classify(await readPhoto('whiteDesk'));
    expect(tags).toHaveLength(10);
    expect(tags.map(({ label }) => label).join()).toMatch(/notebook|laptop/);
    const probabilities = tags.map(({ probability }) => probability);
    expect(probabilities).toEqual(probabilities.toSorted((a, b) => b - a));
  });

  it('gives the same photo the same score in all eight orientations', async () => {
    const upright = await sharp(desk).png().toBuffer();
    // What a camera that was held in another way would have stored, with the tag that says so.
    const stored: Record<number, (image: ReturnType<typeof sharp>) => ReturnType<typeof sharp>> = {
      1: (image) => image,
      2: (image) => image.flop(),
      3: (image) => image.rotate(180),
      4: (image) => image.flip(),
      5: (image) => image.flop().rotate(270),
      6: (image) => image.rotate(270),
      7: (image) => image.flop().rotate(90),
      8: (image) => image.rotate(90),
    };
    const scores: number[] = [];
    for (const [orientation, store] of Object.entries(stored)) {
      const file = await store(sharp(upright))
        .withMetadata({ orientation: Number(orientation) })
        .png()
        .toBuffer();
      scores.push((await classifier.classify(file)).confidence);
    }
    expect(scores).toHaveLength(8);
    // A picture that lies on its side is reduced in the other order, and rounded differently by it.
    const [first = 0] = scores;
    for (const score of scores.slice(0, 4)) expect(score).toBeCloseTo(first, 5);
    for (const score of scores) expect(Math.abs(score - first)).toBeLessThan(0.03);
  });

  describe('gives another format nearly the score of the JPEG', () => {
    const scoreOf = async (file: Buffer) => (await classifier.classify(file)).confidence;

    it.each<[string, (photo: ReturnType<typeof sharp>) => ReturnType<typeof sharp>]>([
      ['a 16-bit PNG', (photo) => photo.toColourspace('rgb16').png()],
      ['a palette PNG', (photo) => photo.png({ palette: true })],
      ['WebP', (photo) => photo.webp()],
      ['AVIF', (photo) => photo.avif({ effort: 0 })],
      ['GIF', (photo) => photo.gif()],
    ])('%s', async (_, encode) => {
      const bright = await readPhoto('whiteDesk');
      for (const [photo, allowed] of [[desk, 0.2] as const, [bright, 0.15] as const]) {
        const other = await scoreOf(await encode(sharp(photo)).toBuffer());
        expect(Math.abs(other - (await scoreOf(photo)))).toBeLessThan(allowed);
      }
    });

    it('a CMYK JPEG, as far as its inks can show the photo', async () => {
      for (const photo of [desk, await readPhoto('whiteDesk')]) {
        const inks = await sharp(photo).toColourspace('cmyk').jpeg().toBuffer();
        const shown = await sharp(inks).toColourspace('srgb').png().toBuffer();
        expect(await scoreOf(inks)).toBeCloseTo(await scoreOf(shown), 3);
        expect(await classifier.classify(inks)).toMatchObject({ isDesk: true, reason: null });
      }
    });
  });

  it('reads grey with alpha', async () => {
    const grey = await sharp(desk).greyscale().ensureAlpha(1).png().toBuffer();
    const { confidence, tags } = await classifier.classify(grey);
    expect(confidence).toBeGreaterThan(0);
    expect(tags).toHaveLength(10);
  });

  it('judges an animated GIF by its first frame', async () => {
    const { data, info } = await sharp(desk)
      .resize(320, 200, { fit: 'fill' })
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const black = Buffer.alloc(data.length);
    const animated = await sharp(Buffer.concat([data, black]), {
      raw: { width: info.width, height: info.height * 2, channels: 3, pageHeight: info.height },
    })
      .gif({ loop: 0, delay: [100, 100] })
      .toBuffer();
    const first = await sharp(desk).resize(320, 200, { fit: 'fill' }).gif().toBuffer();
    const [whole, still] = [await classifier.classify(animated), await classifier.classify(first)];
    expect(Math.abs(whole.confidence - still.confidence)).toBeLessThan(0.05);
    expect(whole.reason).not.toBe('too_dark');
  });

  it.each([
    ['of one colour', () => plain('#8090a0')],
    ['of an absurd shape', () => plain('#8090a0', 9000, 100)],
  ])('finds no desk in a picture %s', async (_, picture) => {
    expect(await classifier.classify(await picture())).toMatchObject({
      isDesk: false,
      reason: 'no_desk',
    });
  });

  it.each<[string, (photo: ReturnType<typeof sharp>) => ReturnType<typeof sharp>, string]>([
    ['a photo taken in the dark', (photo) => photo.linear(0.1, 0), 'too_dark'],
    ['a photo out of focus', (photo) => photo.blur(15), 'blurred'],
    ['a thumbnail', (photo) => photo.resize(90, 50, { fit: 'fill' }), 'too_small'],
  ])('says why %s is unfit', async (_, spoil, reason) => {
    const verdict = await classifier.classify(await spoil(sharp(desk)).jpeg().toBuffer());
    expect(verdict).toMatchObject({ isDesk: false, reason });
  });

  it.each([
    ['cut off', (photo: Buffer) => photo.subarray(0, photo.length >> 1)],
    ['no picture', () => Buffer.from('GIF89a?')],
    ['empty', () => Buffer.alloc(0)],
  ])('refuses a file that is %s', async (_, spoil) => {
    await expect(classifier.classify(spoil(desk))).rejects.toMatchObject({
      code: 'image_unreadable',
    });
  });

  it('sheds photos that its queue cannot hold, and answers those it took', async () => {
    const small = await OnnxDeskClassifier.start(config({ queueLimit: 1 }), intake);
    try {
      const results = await Promise.allSettled(
        Array.from({ length: 30 }, () => small.classify(desk)),
      );
      const refused = results.filter((one) => one.status === 'rejected');
      expect(refused.length).toBeGreaterThan(0);
      expect(refused.length).toBeLessThan(30);
      for (const { reason } of refused) {
        expect(reason).toMatchObject({ code: 'provider_unavailable', retryAfterMs: 1_000 });
      }
    } finally {
      await small.close();
    }
  });

  it('runs another CNN by its manifest alone: NHWC, BGR, means, one sigmoid output', async () => {
    const other = await OnnxDeskClassifier.start(config({ modelDir: BLUE_VGG }), intake);
    try {
      expect(await other.classify(await plain('#6060ff'))).toMatchObject({
        isDesk: true,
        model: 'blue-vgg@1.0.0',
        tags: [],
      });
      expect((await other.classify(await plain('#ff6060'))).isDesk).toBe(false);
    } finally {
      await other.close();
    }
  });

  describe('taking a new model into use', () => {
    let folder: string;
    let live: OnnxDeskClassifier;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'desk-ai-model-'));
      await cp(BLUE_VGG, folder, { recursive: true });
      live = await OnnxDeskClassifier.start(config({ modelDir: folder, cacheSize: 10 }), intake);
    });
    afterAll(async () => {
      await live.close();
      await rm(folder, { recursive: true });
    });

    it('drops no photo and forgets the old verdicts', async () => {
      const blue = await plain('#606098');
      expect((await live.classify(blue)).isDesk).toBe(true);
      await changeManifest(folder, { version: '1.1.0', threshold: 1 });
      const during = Promise.all(Array.from({ length: 20 }, () => live.classify(blue)));
      await live.reload();
      expect(await during).toHaveLength(20);
      expect(await live.classify(blue)).toMatchObject({
        isDesk: false,
        model: 'blue-vgg@1.1.0',
      });
    });

    it('keeps the old one when the new one is broken', async () => {
      await changeManifest(folder, { version: '2.0.0', sha256: '0'.repeat(64) });
      await expect(live.reload()).rejects.toThrow(/is not the file that/);
      expect(live.info()?.version).toBe('1.1.0');
      expect((await live.classify(await plain('#ff6060'))).model).toBe('blue-vgg@1.1.0');
    });
  });

  it.each([
    ['an input that the model lacks', { input: { name: 'photo' } }, /no input "photo"/],
    ['an output that the model lacks', { desk: { output: 'sofa' } }, /no output sofa/],
    ['a layout that does not exist', { input: { layout: 'CHWN' } }, /layout must be one of/],
    ['a threshold out of range', { threshold: 2 }, /threshold must not be greater than 1/],
    ['a second look without logits', { second_look: LOOK }, /desk.activation must be sigmoid/],
    [
      'a second look at next to nothing',
      { second_look: { ...LOOK, scale: 0.1 } },
      /scale must not be less than 0.5/,
    ],
  ])('names %s at start', async (_, change, message) => {
    const folder = await mkdtemp(join(tmpdir(), 'desk-ai-model-'));
    try {
      await cp(BLUE_VGG, folder, { recursive: true });
      const path = join(folder, 'model.json');
      const manifest = JSON.parse(await readFile(path, 'utf8')) as Record<string, object>;
      for (const [key, value] of Object.entries(change)) {
        manifest[key] =
          typeof value === 'object' ? { ...manifest[key], ...value } : (value as never);
      }
      await writeFile(path, JSON.stringify(manifest));
      await expect(OnnxDeskClassifier.start(config({ modelDir: folder }), intake)).rejects.toThrow(
        message,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
