import { readFile } from 'node:fs/promises';

import { describe, expect, it } from '@jest/globals';

import { ImageError } from '../../common/errors/errors.js';
import { CONCEPTS } from '../../generation/domain/concept.js';
import { sharp } from '../../imaging/sharp.js';
import { type ImageTag } from '../desk-classifier/desk-classifier.port.js';
import { CONCEPT_STYLES } from './embedded/concept-styles.js';
import { EmbeddedPromptWriter } from './embedded-prompt-writer.js';
import { type PromptRequest, type WrittenPrompt } from './prompt-writer.port.js';

const WIDTH = 240;
const HEIGHT = 180;
const PACKAGES = new URL('../../../node_modules/', import.meta.url);

const REAL_PHOTOS = {
  'a dark wooden desk': 'startbootstrap-creative/dist/assets/img/bg-masthead.jpg',
  'a laptop on a white desk': 'startbootstrap-landing-page/dist/assets/img/bg-showcase-3.jpg',
};

type Rgb = readonly [red: number, green: number, blue: number];

/** A photo whose upper half is a plain wall and whose lower half is plain or full of small things. */
const aPhoto = (colour: Rgb, { isCluttered = false } = {}): Promise<Buffer> => {
  const pixels = Buffer.alloc(WIDTH * HEIGHT * 3);
  for (let index = 0; index < WIDTH * HEIGHT; index += 1) {
    const x = index % WIDTH;
    const y = Math.floor(index / WIDTH);
    const isThing =
      isCluttered && y > HEIGHT / 2 && (Math.floor(x / 6) + Math.floor(y / 6)) % 2 === 0;
    colour.forEach((level, channel) => {
      pixels[index * 3 + channel] = isThing ? 255 - level : level;
    });
  }
  return sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .jpeg({ quality: 95 })
    .toBuffer();
};

const tagsOf = (tags: Record<string, number>): ImageTag[] =>
  Object.entries(tags).map(([label, probability]) => ({ label, probability }));

const write = (
  request: Partial<PromptRequest> & Pick<PromptRequest, 'image'>,
): Promise<WrittenPrompt> =>
  new EmbeddedPromptWriter().write(
    { concept: 'BASIC', tags: [], ...request },
    new AbortController().signal,
  );

const keywordsOf = ({ items }: WrittenPrompt): string[] => items.map(({ keyword }) => keyword);

const BLACK: Rgb = [25, 24, 22];
const WHITE: Rgb = [236, 234, 230];
const COOL: Rgb = [120, 140, 190];
const BROWN: Rgb = [150, 105, 60];

describe(EmbeddedPromptWriter.name, () => {
  it('recommends a lamp first for a dark desk and says how dark it is', async () => {
    const { items, prompt } = await write({ image: await aPhoto(BLACK) });
    expect(items[0]).toMatchObject({ keyword: 'LED 책상 스탠드', label: 'LED desk lamp' });
    expect(items[0]?.reason).toMatch(/밝기가 \d+%로 어두워/);
    expect(prompt).toContain('Raise the light clearly');
  });

  it('recommends organisers and cable management for a cluttered desk', async () => {
    const answer = await write({ image: await aPhoto(WHITE, { isCluttered: true }) });
    expect(keywordsOf(answer)).toEqual(expect.arrayContaining(['데스크 정리함', '케이블 정리함']));
    expect(answer.prompt).toContain('Clear the desk top');
  });

  it('recommends neither for an empty one', async () => {
    const keywords = keywordsOf(await write({ image: await aPhoto(WHITE) }));
    expect(keywords).not.toContain('데스크 정리함');
    expect(keywords).not.toContain('케이블 정리함');
  });

  it('recommends a warm lamp under cool light', async () => {
    const answer = await write({ image: await aPhoto(COOL) });
    expect(keywordsOf(answer)).toContain('전구색 무드등');
    expect(answer.prompt).toContain('cool, bluish light');
  });

  it('recommends a stand and a monitor for a lone laptop', async () => {
    const tags = tagsOf({ 'notebook, notebook computer': 0.7, 'laptop, laptop computer': 0.2 });
    const keywords = keywordsOf(await write({ image: await aPhoto(WHITE), tags }));
    expect(keywords).toEqual(expect.arrayContaining(['노트북 거치대', '27인치 모니터']));
  });

  it('recommends one way to raise a monitor, never two', async () => {
    const tags = tagsOf({ 'desktop computer': 0.5, monitor: 0.3, screen: 0.1 });
    for (const isCluttered of [true, false]) {
      const answer = await write({ image: await aPhoto(BROWN, { isCluttered }), tags });
      const raising = keywordsOf(answer).filter((word) =>
        ['모니터암', '모니터 받침대'].includes(word),
      );
      expect(raising).toHaveLength(1);
    }
  });

  it.each<[name: string, tags: Record<string, number>, keywords: string[]]>([
    ['a lamp', { 'table lamp': 0.3 }, ['LED 책상 스탠드', '전구색 무드등']],
    ['a lampshade', { 'lampshade, lamp shade': 0.1 }, ['LED 책상 스탠드', '전구색 무드등']],
    ['a monitor beside a laptop', { laptop: 0.4, monitor: 0.3 }, ['27인치 모니터']],
    [
      'a keyboard and a mouse',
      { laptop: 0.5, 'computer keyboard': 0.1, mouse: 0.1 },
      ['무선 키보드', '무선 마우스'],
    ],
    ['a plant', { 'pot, flowerpot': 0.2 }, ['미니 화분']],
    ['a clock', { 'digital clock': 0.2 }, ['탁상시계']],
    ['a shelf', { bookcase: 0.3 }, ['책상 선반', '타공판']],
    ['a barely visible lamp', { 'table lamp': 0.02 }, ['LED 책상 스탠드']],
  ])('does not recommend again what is there: %s', async (_name, tags, keywords) => {
    for (const colour of [BLACK, WHITE, COOL]) {
      for (const isCluttered of [true, false]) {
        const answer = await write({
          image: await aPhoto(colour, { isCluttered }),
          tags: tagsOf(tags),
        });
        expect(keywordsOf(answer).filter((word) => keywords.includes(word))).toEqual([]);
      }
    }
  });

  it.each(CONCEPTS)('asks for the look of %s and stays within the length', async (concept) => {
    const { prompt } = await write({ image: await aPhoto(BROWN), concept });
    expect(prompt).toContain(CONCEPT_STYLES[concept].style);
    expect(prompt.length).toBeLessThanOrEqual(4_000);
  });

  it('names what must stay, the main colours and the recommended things in the prompt', async () => {
    const { prompt, items } = await write({
      image: await aPhoto(BROWN),
      tags: tagsOf({ 'desktop computer': 0.6 }),
    });
    expect(prompt).toContain('Keep the camera angle');
    expect(prompt).toContain('the computer screen');
    expect(prompt).toMatch(/Main colours: .*(oak|walnut)/);
    items.forEach(({ label }) => expect(prompt).toContain(label));
  });

  it.each(Object.entries(REAL_PHOTOS))('answers the same twice for %s', async (_name, path) => {
    const image = await readFile(new URL(path, PACKAGES));
    const tags = tagsOf({ desk: 0.4, laptop: 0.3 });
    expect(await write({ image, tags })).toEqual(await write({ image, tags }));
  });

  it('answers different photos differently, also with the same tags', async () => {
    const photos = await Promise.all([
      ...Object.values(REAL_PHOTOS).map((path) => readFile(new URL(path, PACKAGES))),
      aPhoto(BLACK),
      aPhoto(COOL),
      aPhoto(BROWN),
      aPhoto(WHITE, { isCluttered: true }),
    ]);
    const answers = await Promise.all(photos.map((image) => write({ image })));
    expect(new Set(answers.map(({ prompt }) => prompt)).size).toBe(photos.length);
    expect(new Set(answers.map(({ items }) => JSON.stringify(items))).size).toBe(photos.length);
  });

  it('claims no cost', async () => {
    expect((await write({ image: await aPhoto(WHITE) })).calls).toEqual([]);
  });

  it('reads a black-and-white photo without inventing a colour of its light', async () => {
    const image = await sharp(await aPhoto(BROWN))
      .greyscale()
      .jpeg()
      .toBuffer();
    const { prompt, items } = await write({ image });
    expect(prompt).toContain('black-and-white photo');
    expect(items.length).toBeGreaterThanOrEqual(3);
  });

  it('says that a damaged photo cannot be read', async () => {
    const image = Buffer.from('not a photo');
    await expect(write({ image })).rejects.toBeInstanceOf(ImageError);
  });

  it('stops when the task was canceled', async () => {
    const request = { image: await aPhoto(WHITE), concept: 'BASIC' as const, tags: [] };
    await expect(
      new EmbeddedPromptWriter().write(request, AbortSignal.abort()),
    ).rejects.toMatchObject({ name: 'AbortError' });
  });
});
