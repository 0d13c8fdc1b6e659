/**
 * A look inside for operators; reads the same settings as the service and works beside it.
 *
 *   npm run tasks -- list [--status failed] [--kind generate.v1] [--limit 20]
 *   npm run tasks -- show ID
 *   npm run tasks -- retry ID        next attempt now; for a task that ended badly: a new one like it
 *   npm run tasks -- cancel ID
 *   npm run tasks -- redeliver ID
 */
import 'reflect-metadata';

import { parseArgs } from 'node:util';

import { v7 as uuidv7 } from 'uuid';

import { appConfig } from '../dist/config/app.config.js';
import { callbackConfig } from '../dist/config/callback.config.js';
import { databaseConfig } from '../dist/config/database.config.js';
import { tasksConfig } from '../dist/config/tasks.config.js';
import { toGenerationResource } from '../dist/generation/generation.mapper.js';
import { TaskCallbacks } from '../dist/tasks/task-callbacks.js';
import { TaskHandlers } from '../dist/tasks/task-handler.js';
import { TaskMapper } from '../dist/tasks/task.mapper.js';
import { createTaskStorage } from '../dist/tasks/task-storage.js';

const USAGE = `Usage: npm run tasks -- list [--status S] [--kind K] [--limit N] | show ID | retry ID | cancel ID | redeliver ID`;

class Refused extends Error {}

/** What the callback of a canceled task says; it has no picture, so no link is ever made here. */
const createCallbacks = (task) => {
  const handlers = new TaskHandlers();
  handlers.register({ kind: task.kind, toResource: (one) => toGenerationResource(one, String) });
  return new TaskCallbacks(callbackConfig(), new TaskMapper(handlers));
};

const find = async ({ store }, id) => {
  if (id === undefined) throw new Refused(USAGE);
  const task = await store.find(id);
  if (!task) throw new Refused(`There is no task ${id}.`);
  return task;
};

const ageOf = (date) => `${Math.round((Date.now() - date.getTime()) / 1_000)} s ago`;

const list = async (storage, { status, kind, limit }) => {
  const { tasks } = await storage.store.list(
    { ...(status && { status }), ...(kind && { kind }) },
    Number(limit ?? 20),
    null,
  );
  for (const task of tasks) {
    const { id, step, percent, error, createdAt } = task;
    const progress = `${step ?? '-'} ${percent} %`;
    console.log(
      [id, task.kind, task.status, progress, ageOf(createdAt), error?.code ?? ''].join('\t'),
    );
  }
  console.error(`${tasks.length} task(s); ${await storage.store.countQueued()} waiting`);
};

const show = async (storage, _options, id) => {
  const task = await find(storage, id);
  const [steps, events, deliveries] = await Promise.all([
    storage.store.steps(id),
    storage.store.events(id, 0),
    storage.deliveries.deliveries(id),
  ]);
  console.log(JSON.stringify({ task, steps, events, deliveries }, null, 2));
};

const retry = async (storage, _options, id) => {
  const task = await find(storage, id);
  const now = new Date();
  if (task.finishedAt === null) {
    const isWaiting = await storage.store.hasten(id, now);
    console.log(isWaiting ? `${id} is tried again now.` : `${id} is running already.`);
    return;
  }
  if (task.status === 'succeeded') throw new Refused(`${id} has succeeded: nothing to retry.`);
  // An ended task never changes: its end has been told.
  const again = await storage.store.create({
    id: uuidv7(),
    kind: task.kind,
    version: task.version,
    owner: task.owner,
    input: task.input,
    callbackUrl: task.callbackUrl,
    createdAt: now,
    fingerprint: `retry of ${id}`,
    idempotencyKey: null,
    queueLimit: tasksConfig().queueLimit,
    joinWithinMs: null,
  });
  if (again.kind !== 'created') throw new Refused(`Nothing was started: ${again.kind}.`);
  console.log(`${id} has ended (${task.status}); ${again.task.id} is a new task like it.`);
};

const cancel = async (storage, _options, id) => {
  const task = await find(storage, id);
  const callbacks = createCallbacks(task);
  const ended = await storage.store.cancel(id, new Date(), (one) => callbacks.toDelivery(one));
  if (!ended) throw new Refused(`${id} has already ended (${task.status}).`);
  console.log(`${id} is canceled.`);
};

const redeliver = async (storage, _options, id) => {
  await find(storage, id);
  const [delivery] = await storage.deliveries.deliveries(id);
  if (!delivery) throw new Refused(`${id} has no callback.`);
  await storage.deliveries.repeatDelivery(delivery.id, new Date());
  console.log(`${delivery.id} is sent again.`);
};

const COMMANDS = { list, show, retry, cancel, redeliver };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { status: { type: 'string' }, kind: { type: 'string' }, limit: { type: 'string' } },
});
const command = COMMANDS[positionals[0] ?? ''];
let storage;
try {
  if (!command) throw new Refused(USAGE);
  storage = await createTaskStorage({
    dataDir: appConfig().dataDir,
    database: databaseConfig(),
    concurrency: 1,
    onError: (error) => console.error(String(error)),
    isVisitor: true,
  });
  await storage.database.open();
  if (positionals[0] === 'retry') await storage.queue.open();
  await command(storage, values, positionals[1]);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  await storage?.queue.close();
  await storage?.database.close();
}
