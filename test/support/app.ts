import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { type NestExpressApplication } from '@nestjs/platform-express';

import { freePort } from '../../scripts/free-port.mjs';
import { AppModule } from '../../src/app.module.js';
import { configureApp } from '../../src/app.setup.js';

export interface RunningApp {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly app: NestExpressApplication;
  readonly dataDir: string;
  close(): Promise<void>;
}

export type Settings = Readonly<Record<string, string>>;

/** Holds the environment for as long as `work` runs; settings are read while the app is made. */
const withEnvironment = async <T>(settings: Settings, work: () => Promise<T>): Promise<T> => {
  const before = new Map(Object.keys(settings).map((name) => [name, process.env[name]]));
  Object.assign(process.env, settings);
  try {
    return await work();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
};

/** The whole service on a free port, with a data folder of its own. */
export const startApp = async (
  settings: Settings = {},
  customise: (builder: TestingModuleBuilder) => TestingModuleBuilder = (builder) => builder,
): Promise<RunningApp> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'desk-ai-test-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const environment = {
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_BASE_URL: url,
    DATA_DIR: dataDir,
    CLASSIFIER_THREADS: '1',
    TASK_BACKOFF_MS: '20',
    ...settings,
  };
  return withEnvironment(environment, async () => {
    const module = await customise(Test.createTestingModule({ imports: [AppModule] })).compile();
    const app = module.createNestApplication<NestExpressApplication>({
      bodyParser: false,
      forceCloseConnections: true,
    });
    configureApp(app);
    await app.listen(port, '127.0.0.1');
    return {
      url,
      app,
      dataDir,
      close: async () => {
        await app.close();
        // A step that was taken away may still be writing its file.
        await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
      },
    };
  });
};
