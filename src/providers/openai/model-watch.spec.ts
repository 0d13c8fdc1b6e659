import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { AppLogger } from '../../common/logging/app-logger.js';
import {
  json,
  openAiError,
  type OpenAiUpstream,
  startOpenAiUpstream,
} from '../../../test/support/upstreams/openai-upstream.js';
import { anOpenAiConfig } from '../../../test/support/upstreams/provider-configs.js';
import { ModelWatch } from './model-watch.js';
import { createOpenAiClient } from './openai-client.js';

const NOW = Date.UTC(2026, 10, 22);
const IMAGE = { model: 'gpt-image-2.5-flare', setting: 'OPENAI_IMAGE_MODEL' };
const VISION = { model: 'gpt-6-luna', setting: 'OPENAI_VISION_MODEL' };

class CountingLogger extends AppLogger {
  readonly warnings: string[] = [];
  override warn(message: unknown): void {
    this.warnings.push(String(message));
  }
  override info(): void {
    // Not of interest here.
  }
}

describe(ModelWatch.name, () => {
  let openAi: OpenAiUpstream;
  let logger: CountingLogger;

  beforeEach(async () => {
    openAi = await startOpenAiUpstream();
    logger = Object.assign(Object.create(CountingLogger.prototype) as CountingLogger, {
      warnings: [],
    });
  });

  afterEach(() => openAi.close());

  const watch = (): ModelWatch =>
    new ModelWatch(
      createOpenAiClient(anOpenAiConfig({ baseUrl: `${openAi.url}/v1` }), 5_000),
      [VISION, IMAGE],
      { now: () => NOW },
      logger,
    );

  const list = (...models: readonly (readonly [string, string | null])[]) =>
    json({
      object: 'list',
      data: models.map(([id, shutdown_date]) => ({
        id,
        object: 'model',
        created: 1,
        owned_by: 'openai',
        shutdown_date,
      })),
    });

  it('finds nothing while the models are served', async () => {
    openAi.answer('/models', list(['gpt-6-luna', null], ['gpt-image-2.5-flare', '2027-01-22']));
    const watching = watch();
    await watching.check();

    expect(watching.findings()).toEqual([]);
    expect(watching.state()).toBe('ok');
  });

  it('tells a model that is missing and one that ends within 60 days, once in the log', async () => {
    openAi.answer('/models', list(['gpt-image-2.5-flare', '2027-01-21']));
    const watching = watch();
    await watching.check();
    await watching.check();

    expect(watching.state()).toBe('degraded');
    expect(watching.findings()).toEqual([
      expect.objectContaining({ model: 'gpt-6-luna', problem: 'missing', shutdownDate: null }),
      expect.objectContaining({
        model: 'gpt-image-2.5-flare',
        problem: 'shutting_down',
        shutdownDate: '2027-01-21',
      }),
    ]);
    expect(logger.warnings).toHaveLength(2);
    expect(logger.warnings[1]).toContain('OPENAI_IMAGE_MODEL');
  });

  it('is off for a server that has no such route, and quiet while it is away', async () => {
    openAi.answer('/models', json(openAiError('not_found'), 404));
    const off = watch();
    await off.check();
    expect(off.state()).toBe('off');

    openAi.answer('/models', json(openAiError('x'), 500));
    const unknown = watch();
    await unknown.check();
    expect([unknown.state(), unknown.findings()]).toEqual(['unknown', []]);
  });

  it('does not look before the start or after the end, and keeps no timer alive', async () => {
    openAi.answer('/models', list(['gpt-6-luna', null], ['gpt-image-2.5-flare', null]));
    const watching = watch();
    expect(watching.state()).toBe('pending');
    watching.onApplicationBootstrap();
    watching.onApplicationShutdown();
    expect(watching.findings()).toEqual([]);
  });
});
