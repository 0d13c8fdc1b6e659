import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

/** The demo starts the built service: `npm test` builds first. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CROISSANTS = join(
  ROOT,
  'node_modules/startbootstrap-business-casual/dist/assets/img/products-02.jpg',
);
const RUN_TIMEOUT_MS = 120_000;

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface DemoTask {
  readonly status: string;
  readonly concept: string;
  readonly prompt: string;
  readonly items: readonly { keyword: string; reason: string }[];
  readonly products: readonly {
    details: readonly { title: string; price: string; image: string }[];
  }[];
}

const startDemo = (...args: string[]) =>
  spawn(process.execPath, [join(ROOT, 'scripts/demo.mjs'), ...args], {
    cwd: ROOT,
    env: { ...process.env, INIT_CWD: ROOT },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

const outcomeOf = async (child: ReturnType<typeof startDemo>): Promise<Outcome> => {
  const told = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (told.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (told.stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...told };
};

const runDemo = (...args: string[]): Promise<Outcome> => outcomeOf(startDemo(...args));

/** The pretty JSON between the progress and the last lines. */
const jsonOf = (stdout: string): unknown => {
  const [, json = ''] = /^([{[]\n.*?^[}\]])$/ms.exec(stdout) ?? [];
  return JSON.parse(json);
};

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

const sentencesOf = (stderr: string): string[] =>
  stderr.split('\n').filter((line) => line.trim() !== '');

/** The service's port can be listened on again once no process of the demo is left. */
const isServiceGone = async (stdout: string): Promise<boolean> => {
  const [, port = ''] = /http:\/\/127\.0\.0\.1:(\d+)/.exec(stdout) ?? [];
  expect(port).not.toBe('');
  const server = createServer();
  try {
    await once(server.listen(Number(port), '127.0.0.1'), 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
};

describe('npm run demo', () => {
  let folder: string;

  beforeAll(async () => {
    expect(existsSync(join(ROOT, 'dist/main.js'))).toBe(true);
    folder = await mkdtemp(join(tmpdir(), 'desk-demo-'));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it(
    'makes a page that stands alone, and a second run replaces it',
    async () => {
      const out = join(folder, 'sample');
      const first = await runDemo('--out', out);
      expect(first.stderr).toBe('');
      expect(first.code).toBe(0);
      expect(await isServiceGone(first.stdout)).toBe(true);
      const task = jsonOf(first.stdout) as DemoTask;
      expect(task).toMatchObject({ status: 'succeeded', concept: 'BASIC' });

      const page = await readFile(join(out, 'index.html'), 'utf8');
      expect(page).toContain('src="before.jpg"');
      expect(page).toContain('src="after.jpg"');
      for (const name of ['before.jpg', 'after.jpg']) {
        const bytes = await readFile(join(out, name));
        expect(bytes.subarray(0, 3).toString('hex')).toBe('ffd8ff');
      }
      for (const [line = ''] of task.prompt.matchAll(/[^\n:]+$/gm)) {
        expect(page).toContain(escaped(line.trim()));
      }
      for (const { keyword, reason } of task.items) {
        expect(page).toContain(escaped(keyword));
        expect(page).toContain(escaped(reason));
      }
      for (const { title, price } of task.products.flatMap(({ details }) => details)) {
        expect(page).toContain(escaped(title));
        expect(page).toContain(`₩${Number(price).toLocaleString('en-US')}`);
      }
      expect(first.stdout).toContain(`file://${out}/index.html`);
      expect(first.stdout).toContain('결과 페이지');

      const second = await runDemo('--out', out, '--concept', 'oil', '--v2');
      expect(second.code).toBe(0);
      expect(jsonOf(second.stdout)).toMatchObject({ kind: 'generate.v2', concept: 'OIL' });
    },
    RUN_TIMEOUT_MS,
  );

  it('loads nothing from elsewhere', async () => {
    const page = await readFile(join(folder, 'sample', 'index.html'), 'utf8');
    const shown = page.slice(0, page.indexOf('<details class="json">'));
    expect(shown).toContain('default-src &#39;none&#39;');
    const sources = [...shown.matchAll(/\b(?:src|srcset|poster)="([^"]*)"/g)].map(([, url]) => url);
    expect(sources.length).toBeGreaterThan(0);
    expect(
      sources.filter((url) => !/^(before\.jpg|after\.jpg|data:image\/)/.test(url ?? '')),
    ).toEqual([]);
    expect(shown).not.toMatch(/<link\b|@import|url\(|127\.0\.0\.1/);
  });

  it(
    'shows all five concepts on one page',
    async () => {
      const out = join(folder, 'all');
      const { code, stdout } = await runDemo('--out', out, '--all-concepts', '--seed', '7');
      expect(code).toBe(0);
      const tasks = jsonOf(stdout) as DemoTask[];
      const concepts = ['BASIC', 'MSPAINT', 'SIMPLE', 'OIL', 'CARTOON'];
      expect(tasks.map(({ concept }) => concept)).toEqual(concepts);
      const page = await readFile(join(out, 'index.html'), 'utf8');
      const files = concepts.map((concept) => `after-${concept.toLowerCase()}.jpg`);
      expect(await readdir(out)).toEqual(expect.arrayContaining(files));
      for (const file of files) expect(page).toContain(`src="${file}"`);
    },
    RUN_TIMEOUT_MS,
  );

  it(
    'says in one sentence, with the score, that a photo is no desk',
    async () => {
      const out = join(folder, 'croissants');
      const { code, stdout, stderr } = await runDemo(CROISSANTS, '--out', out);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^No desk was found in products-02\.jpg: its desk score is 0\.\d+/m);
      expect(stderr).toMatch(/책상 점수는 0\.\d+/);
      expect(sentencesOf(stderr)).toHaveLength(2);
      expect(existsSync(join(out, 'index.html'))).toBe(false);
      expect(await isServiceGone(stdout)).toBe(true);
    },
    RUN_TIMEOUT_MS,
  );

  it.each([
    ['a missing file', ['nowhere.jpg'], /nowhere\.jpg does not exist\.$/],
    ['a folder', ['test'], /is a folder, not a photo\.$/],
    ['two photos', ['a.jpg', 'b.jpg'], /^One photo at a time/],
    ['an unknown option', ['--fast'], /^Unknown option '--fast'\. Try --help\.$/],
    ['an unknown concept', ['--concept', 'CUBIST'], /^--concept must be one of BASIC/],
    ['a seed that is no number', ['--seed', 'x'], /^--seed must be a whole number/],
  ])('explains %s in one sentence', async (_, args, sentence) => {
    const { code, stderr } = await runDemo(...args, '--out', join(folder, 'faults'));
    expect(code).toBe(1);
    const sentences = sentencesOf(stderr);
    expect(sentences).toHaveLength(1);
    expect(sentences[0]).toMatch(sentence);
  });

  it(
    "tells the service's own reason for a file that is no photo",
    async () => {
      const path = join(folder, 'notes.jpg');
      await writeFile(path, 'these are no pixels');
      const { code, stderr } = await runDemo(path, '--out', join(folder, 'faults'));
      expect(code).toBe(1);
      expect(sentencesOf(stderr)).toHaveLength(1);
      expect(stderr).not.toMatch(/\bat .*\.m?js:/);
    },
    RUN_TIMEOUT_MS,
  );

  it('leaves a folder alone that it did not make', async () => {
    const out = join(folder, 'website');
    await mkdir(out);
    await writeFile(join(out, 'index.html'), 'mine');
    const { code, stderr } = await runDemo('--out', out);
    expect(code).toBe(1);
    expect(stderr).toContain('choose another folder with --out');
    expect(await readFile(join(out, 'index.html'), 'utf8')).toBe('mine');
  });

  it(
    'keeps the links alive with --keep until Ctrl+C, then leaves no process',
    async () => {
      const child = startDemo('--out', join(folder, 'kept'), '--keep');
      const outcome = outcomeOf(child);
      let told = '';
      await new Promise<void>((resolve) => {
        child.stdout.on('data', (text: string) => {
          told += text;
          if (told.includes('Ctrl+C ends it')) resolve();
        });
      });
      const task = jsonOf(told) as { processed_image_url: string };
      expect((await fetch(task.processed_image_url)).status).toBe(200);
      child.kill('SIGINT');
      const { code, stdout } = await outcome;
      expect(code).toBe(0);
      expect(await isServiceGone(stdout)).toBe(true);
    },
    RUN_TIMEOUT_MS,
  );

  it(
    'stops the service when it is interrupted in the middle',
    async () => {
      const child = startDemo('--out', join(folder, 'interrupted'));
      const outcome = outcomeOf(child);
      await new Promise<void>((resolve) => {
        child.stdout.on('data', (text: string) => text.includes('service') && resolve());
      });
      child.kill('SIGTERM');
      const { code, stdout, stderr } = await outcome;
      expect(code).toBe(130);
      expect(sentencesOf(stderr)).toEqual(['Interrupted.']);
      expect(await isServiceGone(stdout)).toBe(true);
    },
    RUN_TIMEOUT_MS,
  );
});
