import 'reflect-metadata';

import { NestFactory } from '@nestjs/core';
import { type NestExpressApplication } from '@nestjs/platform-express';

import { AppModule } from './app.module.js';
import { configureApp } from './app.setup.js';
import { AppLogger } from './common/logging/app-logger.js';
import { ConfigurationError } from './common/errors/errors.js';

const start = async (): Promise<void> => {
  const app = await NestFactory.create<NestExpressApplication>(AppModule, {
    bodyParser: false,
    // Until configureApp sets ours: Nest would print a wrong setting as a stack, above our sentence.
    logger: false,
    abortOnError: false,
  });
  const { host, port } = configureApp(app);
  await app.listen(port, host);
  app.get(AppLogger).info('listening', { address: await app.getUrl() });
};

try {
  await start();
} catch (error) {
  // What an operator has to correct is said in plain words; a bug keeps its stack.
  process.stderr.write(
    error instanceof ConfigurationError
      ? `${error.message}\n`
      : `${error instanceof Error ? error.stack : String(error)}\n`,
  );
  // Threads that were started already would keep the process alive.
  process.exit(1);
}
