/** What `new Worker(url, { execArgv })` needs to start a worker file of this repository. */
export interface WorkerEntry {
  readonly url: URL;
  readonly execArgv: string[];
}

/**
 * Finds the worker file beside the calling module: `x.worker.js` in the build and `x.worker.ts`
 * where the sources run as they are (Jest). Node strips the types of the latter by itself, but it
 * looks for the `.js` files that our imports name, so only there a resolve hook is preloaded; the
 * build gets no flag at all.
 *
 * A worker file and everything it imports must therefore be erasable TypeScript: no enums,
 * decorators, parameter properties or namespaces.
 * https://nodejs.org/docs/latest-v24.x/api/typescript.html#type-stripping
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
  return { url: new URL(`${name}.ts`, callerUrl), execArgv: ['--import', hook.href] };
};
