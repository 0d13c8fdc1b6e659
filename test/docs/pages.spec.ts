import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { SETTING_GROUPS } from '../../src/config/config.module.js';
import { describeSettings } from '../../src/config/setting.js';
import { anchorsOf, commandsOf, headingsOf, linksOf, readPages, ROOT } from './support/pages.js';

const pages = readPages();
const pageAt = (path: string) => pages.find((page) => page.path === path);

describe.each(pages.map((page) => ({ ...page, toString: () => page.path })))('$path', (page) => {
  it('has links that lead somewhere', () => {
    const broken = linksOf(page).filter((target) => {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page.path : normalize(join(dirname(page.path), path));
      if (!existsSync(join(ROOT, file))) return true;
      const other = pageAt(file);
      return anchor !== undefined && other !== undefined && !anchorsOf(other).has(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('names scripts and files that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const called = [...page.text.matchAll(/npm run (?:--silent )?([\w:-]+)/g)];
    const unknown = called.map(([, name = '']) => name).filter((name) => !(name in scripts));
    const named = [
      ...page.text.matchAll(/`((?:src|test|scripts|docs|deploy|bench|assets)\/[\w./-]+)`/g),
    ].map(([, path = '']) => path);
    const missing = named.filter((path) => !isThere(path));
    expect({ unknown, missing }).toEqual({ unknown: [], missing: [] });
  });
});

/** `src/tasks`, `src/tasks/task.ts` and, for short, `src/tasks/task`. */
const isThere = (path: string): boolean =>
  [path, `${path}.ts`].some((one) => statSync(join(ROOT, one), { throwIfNoEntry: false }));

/** What the pages' commands set for themselves or for tools. */
const NO_SETTINGS = new Set(['KEY', 'ENTRY', 'METRICS_KEY', 'UPLOAD', 'PHOTO']);

describe('commands in the pages', () => {
  it('set settings that there are', () => {
    const known = new Set(
      SETTING_GROUPS.flatMap(({ settings }) => describeSettings(settings).map(({ name }) => name)),
    );
    const set = pages
      .flatMap(commandsOf)
      .flatMap(({ page, text }) =>
        [...text.matchAll(/(?:^|\s)([A-Z][A-Z0-9_]+)=/g)].map(([, name = '']) => ({ page, name })),
      );
    expect(set.length).toBeGreaterThan(5);
    expect(set.filter(({ name }) => !known.has(name) && !NO_SETTINGS.has(name))).toEqual([]);
  });
});

describe('README.ko.md', () => {
  const both = ['README.md', 'README.ko.md'].map(pageAt).filter((page) => page !== undefined);
  const [english, korean] = both.map((page) => ({
    headings: headingsOf(page).map((heading) => heading.split(' ')[0]),
    commands: commandsOf(page).map(({ text }) => text),
    links: linksOf(page)
      .filter((target) => !target.startsWith('README'))
      .toSorted(),
    settings: [...page.text.matchAll(/`([A-Z][A-Z0-9_]{3,})/g)].map(([, name]) => name).toSorted(),
  }));

  it.each(['headings', 'commands', 'links', 'settings'] as const)(
    'has the same %s as README.md',
    (what) => {
      expect(english?.[what].length).toBeGreaterThan(3);
      expect(korean?.[what]).toEqual(english?.[what]);
    },
  );
});
