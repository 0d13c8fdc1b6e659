import { describe, expect, it } from '@jest/globals';
import { resolveWorker } from './worker-url.js';

describe(resolveWorker.name, () => {
  it('names the compiled file in the build and needs no flags there', () => {
    const { url, execArgv } = resolveWorker('./x.worker', 'file:///app/dist/a/b.js');
    expect(url.href).toBe('file:///app/dist/a/x.worker.js');
    expect(execArgv).toEqual([]);
  });

  it('names the source and preloads the resolve hook where sources run as they are', () => {
    const { url, execArgv } = resolveWorker('./x.worker', 'file:///app/src/a/b.ts');
    expect(url.href).toBe('file:///app/src/a/x.worker.ts');
    expect(execArgv).toEqual([
      '--experimental-transform-types',
      '--disable-warning=ExperimentalWarning',
      '--import',
      new URL('./typescript-source.hook.ts', import.meta.url).href,
    ]);
  });
});
