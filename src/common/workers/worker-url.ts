/** What `new Worker(url, { execArgv })` needs to start a worker file of this repository. */
export interface WorkerEntry {
  readonly url: URL;
  readonly execArgv: string[];
}

/** Stripping alone, the default, knows no parameter properties. */
const TRANSFORM_TYPES = [
  '--experimental-transform-types',
  '--disable-warning=ExperimentalWarning',
] as const;

/**
 * Finds the worker file beside the calling module: `x.worker.js` in the build and `x.worker.ts`
 * where the sources run as they are (Jest). Node takes the types off the latter by itself, but it
 * looks for the `.js` files that our imports name, so only there a resolve hook is preloaded; the
 * build gets no flag at all.
 *
 * A worker file and everything it imports must do without decorators, which Node cannot transform.
 * https://nodejs.org/docs/latest-v24.x/api/typescript.html#full-typescript-support
 *
 * @param name relative, without extension: `./x.worker`
 * @param callerUrl `import.meta.url` of the caller
 * @example const { url, execArgv } = resolveWorker('./x.worker', import.meta.url);
 */
export const resolveWorker = (name: string, callerUrl: string): WorkerEntry => {
  if (!callerUrl.endsWith('.ts')) {
    return { url: new URL(`${name}.js`, callerUrl), execArgv: [] };
  }
  const hook = new URL('./typescript-source.hook.ts', import.meta.url);
  const execArgv = [...TRANSFORM_TYPES, '--import', hook.href];
  return { url: new URL(`${name}.ts`, callerUrl), execArgv };
};
