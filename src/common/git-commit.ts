import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `src/common` and `dist/common` are equally deep, so both find the project's folder. */
const PROJECT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
const HEAD_OF_BRANCH = /^ref: (refs\/[\w./-]+)$/;

/** The commit that a clone stands at; undefined where there is no clone, as in an image. */
export const findGitCommit = (project = PROJECT): string | undefined => {
  const git = join(project, '.git');
  const head = read(git, 'HEAD');
  const branch = HEAD_OF_BRANCH.exec(head ?? '')?.[1];
  const commit = branch === undefined ? head : (read(git, branch) ?? findPacked(git, branch));
  return commit !== undefined && COMMIT.test(commit) ? commit : undefined;
};

/** `git gc` moves branches into one file of lines `<commit> <branch>`. */
const findPacked = (git: string, branch: string): string | undefined =>
  read(git, 'packed-refs')
    ?.split('\n')
    .find((line) => line.endsWith(` ${branch}`))
    ?.split(' ')[0];

const read = (git: string, path: string): string | undefined => {
  const file = join(git, path);
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true
    ? readFileSync(file, 'utf8').trim()
    : undefined;
};
