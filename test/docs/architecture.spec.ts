import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { readPages, ROOT } from './support/pages.js';

const page = readPages().find(({ path }) => path === 'docs/architecture.md')?.text ?? '';
const picture = /```\n(HTTP.*?)```/s.exec(page)?.[1] ?? '';
/** The first line of the picture: what HTTP leads to. */
const features = (picture.split('\n')[0] ?? '')
  .replace(/^HTTP ─▶ /, '')
  .replace(/\s{2,}.*$/, '')
  .split(' │ ');

interface Import {
  /** Folder below `src/`. */
  readonly from: string;
  readonly to: string;
  readonly file: string;
  readonly target: string;
}

const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.ts') && !path.endsWith('.spec.ts') && path.includes(sep),
);

const imports: Import[] = files.flatMap((file) => {
  const text = readFileSync(join(ROOT, 'src', file), 'utf8');
  return [...text.matchAll(/from '(\.[^']+)'/g)]
    .map(([, path = '']) => normalize(join(dirname(file), path)))
    .map((target) => ({ file, target, from: first(file), to: first(target) }))
    .filter(({ from, to }) => from !== to);
});

function first(path: string): string {
  return path.split(sep)[0] ?? '';
}

const arrows = (from: readonly string[], to: readonly string[]): string[] =>
  imports
    .filter((one) => from.includes(one.from) && to.includes(one.to))
    // Pure words of the trade, which everybody may use.
    .filter(({ target }) => !target.startsWith(join('generation', 'domain')))
    .map(({ file, target }) => `${file} -> ${target}`);

describe('the picture in docs/architecture.md', () => {
  it('names modules that there are', () => {
    expect(features.length).toBeGreaterThan(5);
    expect(features.filter((name) => !folders.includes(name))).toEqual([]);
    for (const name of ['generation', 'tasks', 'providers']) expect(picture).toContain(name);
  });

  it('leaves no folder of src out of the table below it', () => {
    const table = /## Folders\n(.*?)\n## /s.exec(page)?.[1] ?? '';
    const named = new Set([...table.matchAll(/`(?:src\/)?([\w-]+)[`/]/g)].map(([, name]) => name));
    expect(folders.filter((folder) => !named.has(folder))).toEqual([]);
  });

  it('has the arrows that the code has', () => {
    for (const target of ['tasks', 'providers']) {
      expect(arrows(['generation'], [target])).not.toEqual([]);
    }
    expect(arrows(features, ['generation'])).not.toEqual([]);
  });

  it.each([
    ['from one feature to another', features, features],
    ['from the pipeline back to a feature', ['generation'], features],
    ['from tasks back to what is above', ['tasks'], [...features, 'generation']],
    ['from providers back to what is above', ['providers'], [...features, 'generation', 'tasks']],
    [
      'from what everybody uses',
      ['common', 'config', 'imaging'],
      [...features, 'generation', 'tasks', 'providers'],
    ],
  ])('has no arrow %s', (_title, from, to) => {
    expect(arrows(from, to)).toEqual([]);
  });
});
