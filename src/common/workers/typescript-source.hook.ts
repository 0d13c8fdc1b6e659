/**
 * Preloaded (`node --import`) into worker threads that run straight from the TypeScript sources.
 * Relative imports name the compiled file (`./x.js`); when only `./x.ts` is on disk, take that.
 * Never loaded by the build.
 */
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL) {
      const compiled = new URL(specifier, context.parentURL);
      const source = new URL(`${specifier.slice(0, -'.js'.length)}.ts`, context.parentURL);
      if (!existsSync(compiled) && existsSync(source)) {
        return nextResolve(source.href, context);
      }
    }
    return nextResolve(specifier, context);
  },
});
