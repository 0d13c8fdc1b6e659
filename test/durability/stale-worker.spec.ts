import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';

import { systemClock } from '../../src/common/clock.js';
import { GenerationPipeline } from '../../src/generation/generation.pipeline.js';
import { CheckResultStep } from '../../src/generation/steps/check-result.step.js';
import { ClassifyStep } from '../../src/generation/steps/classify.step.js';
import { FetchImageStep } from '../../src/generation/steps/fetch-image.step.js';
import { GenerateImageStep } from '../../src/generation/steps/generate-image.step.js';
import { SearchProductsStep } from '../../src/generation/steps/search-products.step.js';
import { StoreInputStep } from '../../src/generation/steps/store-input.step.js';
import { StoreResultStep } from '../../src/generation/steps/store-result.step.js';
import { WritePromptStep } from '../../src/generation/steps/write-prompt.step.js';
import { WorkingImages } from '../../src/generation/working-images.js';
import { ImageDecoder } from '../../src/imaging/image-decoder.js';
import { sharp } from '../../src/imaging/sharp.js';
import {
  type DeskClassifier,
  type DeskVerdict,
} from '../../src/providers/desk-classifier/desk-classifier.port.js';
import {
  type GeneratedImage,
  type ImageGenerator,
} from '../../src/providers/image-generator/image-generator.port.js';
import { type ImageSource } from '../../src/providers/image-source/image-source.port.js';
import { TaskContext } from '../../src/tasks/task-context.js';
import { createTaskStorage, type TaskStorage } from '../../src/tasks/task-storage.js';
import { hasEnded, type Task } from '../../src/tasks/task.js';
import { FakeImageStore } from '../fakes/fake-image-store.js';
import { FakeProductSearch } from '../fakes/fake-product-search.js';
import { FakePromptWriter } from '../fakes/fake-prompt-writer.js';

const SIDE = 64;
const picture = (background: string): Promise<Buffer> =>
  sharp({ create: { width: SIDE, height: SIDE, channels: 3, background } })
    .jpeg()
    .toBuffer();

/** The colour of a picture, by its strongest channel. */
const colourOf = async (bytes: Buffer | undefined): Promise<string> => {
  if (!bytes) return 'gone';
  const { channels } = await sharp(bytes).stats();
  const means = channels.map(({ mean }) => mean);
  return ['red', 'green', 'blue'][means.indexOf(Math.max(...means))] ?? 'none';
};

const STOPPED = new Error('The process was told to stop');
const verdict = { isDesk: true, confidence: 1, reason: null, model: 'm@1', tags: [] };

/** One process that works on the task: its own memory, the image store of all. */
interface Process {
  readonly pipeline: GenerationPipeline;
  /** Ends the step that draws. */
  draw(colour: string): Promise<void>;
  readonly asked: Promise<void>;
}

interface Run {
  readonly task: Task;
  readonly over: Promise<void>;
}

describe('a worker that has lost its task', () => {
  let dataDir: string;
  let storage: TaskStorage;
  let images: FakeImageStore;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'desk-ai-stale-'));
    images = new FakeImageStore();
    storage = await createTaskStorage({
      dataDir,
      database: { url: undefined, poolSize: 2, role: 'all' },
      concurrency: 1,
      onError: () => undefined,
    });
    await storage.database.open();
  });
  afterEach(async () => {
    await storage.database.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const createProcess = (photo: Buffer, isStopped = false): Process => {
    const asked = Promise.withResolvers<void>();
    const drawn = Promise.withResolvers<GeneratedImage>();
    const generator: ImageGenerator = {
      name: 'late',
      model: 'late-1',
      // A call that cannot be taken back: its answer comes whatever has happened meanwhile.
      generate: () => {
        asked.resolve();
        return drawn.promise;
      },
    };
    const classify = async (): Promise<DeskVerdict> => {
      if (isStopped) throw STOPPED;
      return verdict;
    };
    const classifier = { classify } as unknown as DeskClassifier;
    const source = { fetch: async () => photo, release: () => undefined } as unknown as ImageSource;
    const decoder = new ImageDecoder({ maxPixels: 1_000_000, timeoutMs: 10_000 });
    const working = new WorkingImages(images);
    const pipeline = new GenerationPipeline(
      'generate.v1',
      new GenerateImageStep(generator, decoder, working),
      {
        fetchImage: new FetchImageStep(source, decoder, working),
        classify: new ClassifyStep(classifier, working),
        storeInput: new StoreInputStep(working),
        writePrompt: new WritePromptStep(new FakePromptWriter(), working),
        searchProducts: new SearchProductsStep(new FakeProductSearch(), 1),
        checkResult: new CheckResultStep(classifier, working),
        storeResult: new StoreResultStep(working),
        images: working,
        store: images,
      },
    );
    const draw = async (colour: string): Promise<void> =>
      drawn.resolve({
        bytes: await picture(colour),
        calls: [],
        generator: 'late',
        warnings: [],
      });
    return { pipeline, draw, asked: asked.promise };
  };

  const create = async (): Promise<string> => {
    const id = uuidv7();
    await storage.store.create({
      id,
      kind: 'generate.v1',
      version: 1,
      owner: 'shop',
      input: { initialImageUrl: 'https://bucket.example/1.jpg', concept: 'BASIC', seed: null },
      callbackUrl: null,
      createdAt: new Date(),
      fingerprint: id,
      idempotencyKey: null,
      queueLimit: 10,
      joinWithinMs: null,
    });
    return id;
  };

  /** Takes the task, whoever holds it, and runs it as far as this process gets. */
  const takeUp = async (id: string, worker: string, process: Process): Promise<Run> => {
    const claimant = { worker, leaseMs: null, mayTakeOver: true, takesSuspects: true };
    const outcome = await storage.store.claim(id, claimant, new Date());
    if (outcome.kind !== 'claimed') throw new Error(outcome.kind);
    const { task, lostCalls } = outcome;
    const context = new TaskContext({
      task,
      steps: await storage.store.steps(id),
      lostCalls,
      plan: process.pipeline.steps,
      store: storage.store,
      clock: systemClock,
      limits: { attempts: 4, backoffMs: 1, backoffMaxMs: 1, timeoutMs: 20_000 },
      signal: new AbortController().signal,
      onSaved: () => undefined,
      random: () => 0,
    });
    const over = process.pipeline.run(context);
    // Looked at later.
    over.catch(() => undefined);
    return { task, over };
  };

  it('does not put its late picture in the place of the one that was recorded', async () => {
    const photo = await picture('green');
    const [stale, owner, heir] = [
      createProcess(photo),
      createProcess(photo, true),
      createProcess(photo),
    ];
    const id = await create();
    const staleRun = await takeUp(id, 'stale', stale);
    await stale.asked;

    // Its lease runs out; the next owner draws and records, then stops before it publishes.
    const ownerRun = await takeUp(id, 'owner', owner);
    await owner.asked;
    await owner.draw('blue');
    await expect(ownerRun.over).rejects.toMatchObject({ cause: STOPPED });

    // Now the answer that nobody waits for any more is stored, and its record is refused.
    await stale.draw('red');
    await expect(staleRun.over).rejects.toMatchObject({ name: 'ClaimLost' });

    const { task, over } = await takeUp(id, 'heir', heir);
    await over;
    expect(await colourOf(await images.find(`${id}.jpg`))).toBe('blue');

    const ended = await storage.store.end(
      id,
      task.claim,
      { status: 'succeeded', error: null, at: new Date(), change: {} },
      () => null,
    );
    if (!ended || !hasEnded(ended.status)) throw new Error('The task has not ended');
    await heir.pipeline.cleanUp(ended);
    expect(images.names().toSorted()).toEqual([`${id}-input.jpg`, `${id}.jpg`]);
  });
});
