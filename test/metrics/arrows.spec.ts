import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

const SRC = join(import.meta.dirname, '..', '..', 'src');
const IMPORT = /(?:from|import\()\s*'([^']+)'/g;

const importsOf = async (): Promise<readonly { file: string; from: string }[]> => {
  const files = (await readdir(SRC, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const found = files.map(async (file) => {
    const text = await readFile(join(SRC, file), 'utf8');
    return [...text.matchAll(IMPORT)].map(([, from = '']) => ({ file, from }));
  });
  return (await Promise.all(found)).flat();
};

describe('who knows that it is measured', () => {
  it('nobody but src/metrics knows prom-client, nobody but src/tracing OpenTelemetry', async () => {
    const imports = await importsOf();
    const metrics = imports.filter(({ from }) => from === 'prom-client');
    const tracing = imports.filter(({ from }) => from.startsWith('@opentelemetry/'));

    expect(metrics.length).toBeGreaterThan(5);
    expect(tracing.length).toBeGreaterThan(3);
    expect(metrics.filter(({ file }) => !file.startsWith('metrics/'))).toEqual([]);
    expect(tracing.filter(({ file }) => !file.startsWith('tracing/'))).toEqual([]);
  });

  it('nobody imports the meters or the spans, and the SDK is loaded on demand', async () => {
    const imports = await importsOf();
    const into = (pattern: RegExp) => imports.filter(({ from }) => pattern.test(from));

    const modules = into(/\.\.?\/(?:metrics|tracing)\//).map(({ file }) => file);
    expect([...new Set(modules)]).toEqual(['app.module.ts']);
    expect(into(/\/open-telemetry\.js$/).map(({ file }) => file)).toEqual([
      'tracing/tracing.module.ts',
    ]);
    const module = await readFile(join(SRC, 'tracing/tracing.module.ts'), 'utf8');
    expect(module).toContain("await import('./open-telemetry.js')");
  });

  it('the meters know no feature', async () => {
    const imports = await importsOf();
    const features =
      /\/(?:classify|generate-v1|generate-v2|health|info|images|uploads|playground)\//;
    const crossing = imports.filter(
      ({ file, from }) => /^(?:metrics|tracing)\//.test(file) && features.test(from),
    );
    expect(crossing).toEqual([]);
  });
});
