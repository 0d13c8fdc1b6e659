import { NestFactory } from '@nestjs/core';

import { AppModule } from './app.module.js';
import { createOpenApiDocument } from './openapi.js';

/** The OpenAPI document as `openapi.json` holds it; no port is opened and no provider is called. */
export const renderOpenApi = async (): Promise<string> => {
  const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
  try {
    return `${JSON.stringify(createOpenApiDocument(app), null, 2)}\n`;
  } finally {
    await app.close();
  }
};
