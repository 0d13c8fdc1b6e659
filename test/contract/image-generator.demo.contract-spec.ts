import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { sharp } from '../../src/imaging/sharp.js';
import {
  completionOf,
  json,
  type OpenAiUpstream,
  pictureAnswer,
  startOpenAiUpstream,
} from '../support/upstreams/openai-upstream.js';

/** The demo starts the built service: `npm test` builds first. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const PLAN = {
  prompt: 'Clear the desk, add a wooden monitor stand on the left and hide all cables behind it.',
  items: [
    { keyword: '모니터 받침대', label: 'monitor stand', reason: 'The monitor stands low.' },
    { keyword: '무선 마우스', label: 'wireless mouse', reason: 'Cables cross the desk.' },
    { keyword: 'LED 스탠드', label: 'desk lamp', reason: 'The left side is dark.' },
  ],
  style_notes: 'Warm wood and white.',
};

describe('npm run demo -- --openai-base-url', () => {
  let openAi: OpenAiUpstream;
  let folder: string;

  beforeAll(async () => {
    expect(existsSync(join(ROOT, 'dist/main.js'))).toBe(true);
    folder = await mkdtemp(join(tmpdir(), 'desk-demo-openai-'));
    const picture = await sharp({
      create: { width: 1_536, height: 1_024, channels: 3, background: '#a86' },
    })
      .jpeg()
      .toBuffer();
    openAi = await startOpenAiUpstream('demo');
    openAi.answer('/chat/completions', json(completionOf(JSON.stringify(PLAN))));
    openAi.answer('/images/edits', json(pictureAnswer(picture.toString('base64'))));
  });

  afterAll(async () => {
    await openAi.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('shows the whole flow with the names of the providers', async () => {
    const demo = spawn(
      process.execPath,
      [join(ROOT, 'scripts/demo.mjs'), '--openai-base-url', openAi.url, '--out', folder],
      { cwd: ROOT, env: { ...process.env, INIT_CWD: ROOT }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let told = '';
    for (const stream of [demo.stdout, demo.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (told += text));
    }
    const [code] = (await once(demo, 'close')) as [number | null];

    expect({ code, told: code === 0 ? '' : told }).toEqual({ code: 0, told: '' });
    expect(told).toMatch(/"vision": "openai"/);
    expect(told).toMatch(/"image": "openai"/);
    expect(openAi.violations).toEqual([]);
    expect((await readFile(join(folder, 'after.jpg'))).length).toBeGreaterThan(0);
  }, 120_000);
});
