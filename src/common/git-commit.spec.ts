import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { findGitCommit } from './git-commit.js';

const COMMIT = 'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00';
const OTHER = 'decade00decade00decade00decade00decade00';

describe(findGitCommit.name, () => {
  let project: string;
  beforeEach(async () => {
    project = await mkdtemp(join(tmpdir(), 'desk-ai-clone-'));
  });
  afterEach(() => rm(project, { recursive: true, force: true }));

  const write = async (path: string, text: string): Promise<void> => {
    const file = join(project, '.git', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  };

  it('reads the branch that HEAD names', async () => {
    await write('HEAD', 'ref: refs/heads/feature/desk-1\n');
    await write('refs/heads/feature/desk-1', `${COMMIT}\n`);
    expect(findGitCommit(project)).toBe(COMMIT);
  });

  it('reads a commit that was checked out by itself', async () => {
    await write('HEAD', `${COMMIT}\n`);
    expect(findGitCommit(project)).toBe(COMMIT);
  });

  it('finds a packed branch among others', async () => {
    await write('HEAD', 'ref: refs/heads/main\n');
    await write(
      'packed-refs',
      `# pack-refs with: peeled\n${OTHER} refs/heads/not/refs/heads/main2\n${COMMIT} refs/heads/main\n`,
    );
    expect(findGitCommit(project)).toBe(COMMIT);
  });

  it.each([
    ['there is no clone', {}],
    ['the branch has no commit yet', { HEAD: 'ref: refs/heads/main' }],
    ['HEAD is nonsense', { HEAD: 'hello' }],
    ['HEAD leads out of the folder', { HEAD: 'ref: refs/../../../etc/passwd' }],
    ['the branch holds no commit', { HEAD: 'ref: refs/heads/main', 'refs/heads/main': 'secret' }],
  ])('knows none when %s', async (_title, files) => {
    for (const [path, text] of Object.entries(files)) await write(path, text);
    expect(findGitCommit(project)).toBeUndefined();
  });
});
