import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

import { type RunningApp, startApp } from '../support/app.js';

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface Sample {
  readonly where: string;
  readonly schema: unknown;
  readonly value: unknown;
}

/** Every place where a schema and an example of it stand together. */
const collectSamples = (node: unknown, where = '#'): Sample[] => {
  if (Array.isArray(node))
    return node.flatMap((item, index) => collectSamples(item, `${where}/${index}`));
  if (!isObject(node)) return [];
  const samples: Sample[] = [];
  if (isObject(node['schema'])) {
    if ('example' in node) samples.push({ where, schema: node['schema'], value: node['example'] });
    for (const [name, example] of Object.entries((node['examples'] ?? {}) as Json)) {
      samples.push({
        where: `${where}:${name}`,
        schema: node['schema'],
        value: (example as Json)['value'],
      });
    }
  }
  // A schema's own example; `properties` may hold a field of that name.
  if (
    'example' in node &&
    !('schema' in node) &&
    ('type' in node || 'enum' in node || '$ref' in node)
  ) {
    samples.push({ where, schema: node, value: node['example'] });
  }
  return [
    ...samples,
    ...Object.entries(node)
      .filter(([key]) => key !== 'example' && key !== 'examples')
      .flatMap(([key, value]) => collectSamples(value, `${where}/${key}`)),
  ];
};

describe('the OpenAPI document', () => {
  let service: RunningApp;
  let document: Json;

  beforeAll(async () => {
    service = await startApp();
    document = (await (await fetch(`${service.url}/docs-json`)).json()) as Json;
  });
  afterAll(() => service.close());

  it('lints without an error', async () => {
    const problems = await lintFromString({
      source: JSON.stringify(document),
      config: await createConfig({ extends: ['recommended'] }),
    });
    const errors = problems
      .filter(({ severity }) => severity === 'error')
      .map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`);
    expect(errors).toEqual([]);
  });

  it('has only examples that are valid', () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    ajv.addSchema({ $id: 'openapi', components: document['components'] }, 'openapi');
    const samples = collectSamples(document);
    expect(samples.length).toBeGreaterThan(100);
    const resolve = (schema: unknown): unknown =>
      JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"openapi#/components'));
    const wrong = samples.flatMap(({ where, schema, value }) => {
      const isValid = ajv.validate(resolve(schema) as object, value);
      return isValid ? [] : [`${where}: ${ajv.errorsText()}`];
    });
    expect(wrong).toEqual([]);
  });

  it('describes every operation in English and Korean', () => {
    const silent = Object.entries(document['paths'] as Record<string, Json>).flatMap(
      ([path, operations]) =>
        Object.entries(operations)
          .filter(([, operation]) => !/[가-힣]/.test(String((operation as Json)['description'])))
          .map(([method]) => `${method} ${path}`),
    );
    expect(silent).toEqual([]);
  });

  it.each([
    'POST /classify',
    'POST /app/routers/classify',
    'GET /healthcheck',
    'GET /health',
    'GET /health/live',
    'GET /info',
    'POST /generated/v1/generate',
    'POST /generated/v1/prompt',
    'POST /generated/v2/generate',
    'POST /app/routers/v1/generate',
    'POST /api/v1/prompt',
    'POST /api/v2/generate',
    'GET /tasks',
    'GET /tasks/{id}',
    'GET /tasks/{id}/events',
    'POST /tasks/{id}/cancel',
    'DELETE /tasks/{id}',
    'GET /tasks/{id}/deliveries',
    'POST /tasks/{id}/redeliver',
    'POST /uploads',
    'GET /images/{name}',
  ])('lists %s', (route) => {
    const [method = '', path = ''] = route.split(' ');
    const paths = document['paths'] as Record<string, Json>;
    expect(Object.keys(paths[path] ?? {})).toContain(method.toLowerCase());
  });

  it('is shown as a page and served as YAML', async () => {
    const page = await fetch(`${service.url}/docs`);
    expect([page.status, (await page.text()).includes('swagger-ui')]).toEqual([200, true]);
    const yaml = await fetch(`${service.url}/docs-yaml`);
    expect(await yaml.text()).toMatch(/^openapi: "?3\.1\.0/);
  });
});
