import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..', '..');

export interface Page {
  /** From the project's folder, for example `docs/tasks.md`. */
  readonly path: string;
  readonly text: string;
}

export interface Command {
  readonly page: string;
  /** One line: joined, without its comment, one space between words. */
  readonly text: string;
}

const isPage = (path: string): boolean => path.endsWith('.md');

const read = (path: string): Page => ({
  path,
  text: readFileSync(join(ROOT, path), 'utf8'),
});

/** What people read before they use the service. */
export const readPages = (): Page[] => [
  ...['README.md', 'README.ko.md', 'models/classify_cnn/README.md'].map(read),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter(isPage)
    .toSorted()
    .map((path) => read(relative(ROOT, join(ROOT, 'docs', path)))),
];

/** A fence is as long as its content needs. */
const BLOCK = /^[ \t]*(`{3,})(\w*)[^\n]*\n(.*?)^[ \t]*\1/gms;
const SHELLS = new Set(['sh', 'bash', 'shell', 'console']);
const COMMENT = /(?:^|\s)#\s.*$/;
const LOOP = /^(?:for|while)\s/;

/** The code of all blocks in these languages, as it stands. */
export const blocksOf = (text: string, languages: ReadonlySet<string>): string[] =>
  [...text.matchAll(BLOCK)]
    .filter(([, , language = '']) => languages.has(language))
    .map(([, , , code = '']) => code);

/** The commands of a page's shell blocks, in order; a loop is one command. */
export const commandsOf = ({ path, text }: Page): Command[] =>
  blocksOf(text, SHELLS).flatMap((block) => {
    const lines = block.replaceAll('\\\n', ' ').split('\n');
    const commands: string[] = [];
    let loop: string[] | undefined;
    for (const line of lines) {
      const command = line.replace(COMMENT, '').trim().replaceAll(/\s+/g, ' ');
      if (command === '') continue;
      if (LOOP.test(command)) loop = [];
      if (!loop) commands.push(command);
      loop?.push(command);
      if (!loop || !/^done\b/.test(command)) continue;
      commands.push(loop.join('; ').replaceAll('do; ', 'do '));
      loop = undefined;
    }
    return commands.map((command) => ({ page: path, text: command }));
  });

/** Everything but code. */
export const proseOf = ({ text }: Page): string => text.replaceAll(BLOCK, '');

const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

export const headingsOf = (page: Page): string[] =>
  [...proseOf(page).matchAll(/^(#+) (.*)$/gm)].map(
    ([, level = '', title = '']) => `${level} ${title}`,
  );

/** What `#...` may point at, by the rule of GitHub. */
export const anchorsOf = (page: Page): Set<string> =>
  new Set([
    ...headingsOf(page).map((heading) => slugOf(heading.replace(/^#+ /, ''))),
    ...[...page.text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id = '']) => id),
  ]);

/** Targets of links and pictures that lead into the repository. */
export const linksOf = (page: Page): string[] =>
  [...proseOf(page).matchAll(/\]\((?!https?:|mailto:)([^)\s]+)(?:\s+"[^"]*")?\)/g)].map(
    ([, target = '']) => target,
  );
