import { execFile, spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { type RunningApp, startApp } from '../support/app.js';
import { getJson } from '../support/http.js';
import { aKey } from '../support/keys.js';
import { type PhotoServer, startPhotoServer } from '../support/photo-server.js';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..');
const MODULES = join(ROOT, 'node_modules');
const TIMEOUT_MS = 120_000;
/** The first time Maven downloads some 60 MB. */
const MAVEN_MS = 300_000;

/** The code of docs/clients.md, as it stands there. */
const codeOf = async (language: string): Promise<string> => {
  const page = await readFile(join(ROOT, 'docs', 'clients.md'), 'utf8');
  const code = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(page)?.[1];
  if (code === undefined) throw new Error(`No ${language} in docs/clients.md`);
  return code;
};

interface JavaClient {
  readonly folder: string;
  readonly classpath: string;
}

const UNREACHABLE = /Could not transfer|Unknown host|Connection (?:refused|timed out)|offline mode/;

/** Generates and compiles, first with what Maven has already; says why it cannot where that is so. */
const buildJavaClient = async (): Promise<JavaClient | { readonly missing: string }> => {
  for (const tool of ['javac', 'mvn']) {
    if (spawnSync(tool, ['-version']).status !== 0) return { missing: `no ${tool} here` };
  }
  const folder = await mkdtemp(join(tmpdir(), 'desk-ai-java-'));
  const sources = join(folder, 'src', 'main', 'java', 'example');
  await mkdir(sources, { recursive: true });
  await writeFile(join(folder, 'pom.xml'), await codeOf('xml'));
  await writeFile(join(sources, 'Redesign.java'), await codeOf('java'));
  await copyFile(join(ROOT, 'openapi.json'), join(folder, 'openapi.json'));
  const goals = [
    '--batch-mode',
    '--no-transfer-progress',
    '--quiet',
    'compile',
    'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath',
    `-Dmdep.outputFile=${join(folder, 'classpath')}`,
  ];
  let said = '';
  for (const mode of [['--offline'], []]) {
    try {
      await run('mvn', [...mode, ...goals], { cwd: folder, timeout: MAVEN_MS });
      const libraries = await readFile(join(folder, 'classpath'), 'utf8');
      return { folder, classpath: `${join(folder, 'target', 'classes')}:${libraries}` };
    } catch (error) {
      said = String((error as { stdout?: string }).stdout ?? error);
    }
  }
  await rm(folder, { recursive: true, force: true });
  if (UNREACHABLE.test(said)) return { missing: 'Maven Central cannot be reached' };
  throw new Error(said);
};

// Before the tests are named: what cannot be run here is skipped, and says so.
const java = await buildJavaClient();
if ('missing' in java) {
  process.stdout.write(`The Java client of docs/clients.md is not built: ${java.missing}.\n`);
}
const itWithJava = 'missing' in java ? it.skip : it;

describe('clients generated from the OpenAPI document', () => {
  const key = aKey('frontend', 'classify', 'generate', 'tasks');
  let photos: PhotoServer;
  let service: RunningApp;
  let folder: string;

  beforeAll(async () => {
    photos = await startPhotoServer();
    folder = await mkdtemp(join(tmpdir(), 'desk-ai-client-'));
    service = await startApp({
      API_KEYS: key.entry,
      IMAGE_ALLOWED_PRIVATE_HOSTS: photos.host,
      // Which photo the model takes for a desk is tested elsewhere.
      CLASSIFIER_THRESHOLD: '0.15',
    });
  });
  afterAll(async () => {
    await service.close();
    await photos.close();
    await rm(folder, { recursive: true, force: true });
    if ('folder' in java) await rm(java.folder, { recursive: true, force: true });
  });

  const countTasks = async (): Promise<number> => {
    const { body } = await getJson<{ tasks: unknown[] }>(`${service.url}/tasks`, key.bearer);
    return body.tasks.length;
  };

  describe('in TypeScript', () => {
    /** As strict as a project of the frontend team may be. */
    const TSCONFIG = {
      compilerOptions: {
        strict: true,
        noUncheckedIndexedAccess: true,
        noImplicitOverride: true,
        target: 'es2022',
        lib: ['es2022', 'dom', 'dom.iterable', 'dom.asynciterable'],
        module: 'nodenext',
        types: [],
        rootDir: 'src',
        outDir: 'out',
      },
      include: ['src'],
    };

    const compile = async (code: string): Promise<void> => {
      await writeFile(join(folder, 'src', 'redesign.ts'), code);
      const tsc = join(MODULES, 'typescript', 'bin', 'tsc');
      await run(process.execPath, [tsc, '-p', folder]).catch((error: { stdout?: string }) => {
        throw new Error(String(error.stdout));
      });
    };

    beforeAll(async () => {
      await writeFile(join(folder, 'package.json'), '{"type": "module"}');
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
      const generator = join(MODULES, '@hey-api', 'openapi-ts', 'bin', 'run.js');
      const args = ['-i', join(ROOT, 'openapi.json'), '-o', 'src/desk-ai'];
      await run(process.execPath, [generator, ...args, '-c', '@hey-api/client-fetch'], {
        cwd: folder,
      });
    }, TIMEOUT_MS);

    it(
      'compile strictly and run the main flow',
      async () => {
        await compile(await codeOf('ts'));
        const call = `console.log(JSON.stringify(await redesign(...${JSON.stringify([
          `${photos.url}/desk`,
          { baseUrl: service.url, apiKey: key.secret },
        ])})))`;
        const url = pathToFileURL(join(folder, 'out', 'redesign.js')).href;
        const main = join(folder, 'main.mjs');
        await writeFile(main, `import { redesign } from '${url}';\n${call}`);
        const { stdout } = await run(process.execPath, [main]);
        const [events, picture, ...products] = JSON.parse(stdout) as string[];
        expect(Number.parseInt(events ?? '', 10)).toBeGreaterThan(10);
        expect(picture).toMatch(new RegExp(`^${service.url}/images/[0-9a-f-]{36}\\.jpg$`));
        expect(products.length).toBeGreaterThan(3);
        for (const product of products) expect(product).toMatch(/\S+ \d+$/);
        // The flow ends with a deletion.
        expect(await countTasks()).toBe(0);
      },
      TIMEOUT_MS,
    );

    it(
      'know mistakes before anything is sent',
      async () => {
        const code = [
          `import { generateV1Redesign } from './desk-ai/index.js';`,
          `export const forgotten = generateV1Redesign({ body: { concept: 'OIL' } });`,
          `export const wrong = generateV1Redesign({ body: { image_url: '', concept: 'WATER' } });`,
        ];
        const complaints = await compile(code.join('\n')).then(
          () => '',
          (error: unknown) => String(error),
        );
        expect(complaints).toContain("Property 'image_url' is missing");
        expect(complaints).toContain('"WATER"');
      },
      TIMEOUT_MS,
    );
  });

  describe('in Java', () => {
    const redesign = async (photo: string, secret: string): Promise<string[]> => {
      const { classpath } = java as JavaClient;
      const args = ['-cp', classpath, 'example.Redesign', service.url, photo, secret];
      return (await run('java', args)).stdout.trim().split('\n');
    };

    itWithJava(
      'runs the main flow',
      async () => {
        const [verdict, end, product] = await redesign(`${photos.url}/desk`, key.secret);
        expect(verdict).toBe('desk true reason null');
        expect(end).toMatch(new RegExp(`^succeeded ${service.url}/images/[0-9a-f-]{36}\\.jpg$`));
        expect(product).toMatch(/[가-힣]/);
        expect(await countTasks()).toBe(0);
      },
      TIMEOUT_MS,
    );

    itWithJava(
      'reads a problem document',
      async () => {
        const [unknown] = await redesign(`${photos.url}/desk`, 'desk_nobody');
        expect(unknown).toMatch(/^401 unauthorized .+/);
        const [gone] = await redesign(`${photos.url}/missing`, key.secret);
        expect(gone).toMatch(/^422 image_unreachable .+/);
      },
      TIMEOUT_MS,
    );
  });
});
