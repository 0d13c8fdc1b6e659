import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { createTaskStorage } from '../../../src/tasks/task-storage.js';
import { eventually, postJson } from '../../support/http.js';
import { ServiceProcess } from './service.js';
import { type StandIns, startStandIns } from './stand-ins.js';
import { judge, type Verdict } from './verdict.js';

export interface KillLoopOptions {
  /** Undefined for the embedded store. */
  readonly databaseUrl: string | undefined;
  readonly workers: number;
  readonly kills: number;
  readonly tasks: number;
  /** The time between two kills, in milliseconds: evenly spread, seeded by the kill's number. */
  readonly betweenKillsMs: readonly [number, number];
  /** A task is created this often, so that there is always something in flight. */
  readonly createEveryMs: number;
  /** Time that one drawing takes. */
  readonly drawMs: number;
}

export interface KillLoopReport extends Verdict {
  readonly kills: number;
  /** From "the service answers" (embedded) or from the kill (PostgreSQL) to the next step, in milliseconds. */
  readonly resumedMs: readonly number[];
}

const END_MS = 600_000;

/** Low-discrepancy sequence: the kills hit all phases of a task, the same ones in every run. */
const spread = (index: number, [from, to]: readonly [number, number]): number =>
  from + ((index * 0.618_034) % 1) * (to - from);

const settingsFor = (
  standIns: StandIns,
  dataDir: string,
  options: KillLoopOptions,
): Record<string, string> => ({
  DATA_DIR: dataDir,
  IMAGE_ALLOWED_PRIVATE_HOSTS: standIns.host,
  CUSTOM_INFERENCE_URL: standIns.url,
  CUSTOM_INFERENCE_CONCURRENCY: '8',
  CALLBACK_URL: `${standIns.url}/callback`,
  CALLBACK_BACKOFF_MS: '200',
  CALLBACK_BACKOFF_MAX_MS: '1000',
  TASK_CONCURRENCY: '3',
  TASK_STEP_ATTEMPTS: '100',
  UPLOAD_SIGNING_KEY: 'kill-loop-kill-loop-kill-loop-kill-loop',
  ...(options.databaseUrl !== undefined && { DATABASE_URL: options.databaseUrl }),
});

/** Creates tasks all the while, wherever somebody answers; remembers what was acknowledged. */
class Client {
  readonly acknowledged: string[] = [];
  private readonly stopping = new AbortController();
  private loop: Promise<void> | undefined;

  constructor(
    private readonly services: readonly ServiceProcess[],
    private readonly standIns: StandIns,
    private readonly tasks: number,
    private readonly createEveryMs: number,
  ) {}

  start(): void {
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  get isDone(): boolean {
    return this.acknowledged.length >= this.tasks;
  }

  private async run(): Promise<void> {
    for (let number = 1; number <= this.tasks && !this.stopping.signal.aborted; number++) {
      while (!this.stopping.signal.aborted && !(await this.create(number))) await sleep(50);
      await sleep(this.createEveryMs);
    }
  }

  /** The key makes a repeated request safe: its first answer may have been lost with the process. */
  private async create(number: number): Promise<boolean> {
    const service = this.services[number % this.services.length];
    try {
      const answer = await postJson<{ task_id?: string }>(
        `${service?.url}/generated/v2/generate`,
        { image_url: this.standIns.photoUrl(number) },
        { 'Idempotency-Key': `task-${number}` },
      );
      if (answer.status !== 202 || answer.body.task_id === undefined) return false;
      this.acknowledged.push(answer.body.task_id);
      return true;
    } catch {
      return false;
    }
  }
}

/** Kills workers at all phases of their tasks, starts them again, and reports what came of it. */
export const runKillLoop = async (options: KillLoopOptions): Promise<KillLoopReport> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'desk-ai-kill-'));
  const standIns = await startStandIns(join(dataDir, 'calls.log'));
  standIns.drawMs = options.drawMs;
  const settings = settingsFor(standIns, dataDir, options);
  const services = await Promise.all(
    Array.from({ length: options.workers }, () => ServiceProcess.create(settings)),
  );
  const client = new Client(services, standIns, options.tasks, options.createEveryMs);
  const resumedMs: number[] = [];
  try {
    await Promise.all(services.map((service) => service.start()));
    client.start();
    for (let kill = 0; kill < options.kills; kill++) {
      await sleep(spread(kill, options.betweenKillsMs));
      const victim = services[kill % services.length];
      if (victim) resumedMs.push(...(await killAndResume(victim, services)));
    }
    await eventually(
      async () => client.isDone,
      (isDone) => isDone,
      END_MS,
    );
    return await conclude(options, dataDir, standIns, services, client, resumedMs);
  } finally {
    await client.stop();
    await Promise.all(services.map((service) => service.kill()));
    await standIns.close();
    await rm(dataDir, { recursive: true, force: true });
  }
};

const killAndResume = async (
  victim: ServiceProcess,
  services: readonly ServiceProcess[],
): Promise<readonly number[]> => {
  const killedAt = Date.now();
  await victim.kill();
  await victim.start();
  const upAt = Date.now();
  if (services.length > 1) return [];
  // It goes on before it answers its first request, so this is usually 0.
  const at = victim.loggedAt(killedAt, (line) => line['event'] === 'started');
  return at === undefined ? [] : [Math.max(0, at - upAt)];
};

const conclude = async (
  options: KillLoopOptions,
  dataDir: string,
  standIns: StandIns,
  services: readonly ServiceProcess[],
  client: Client,
  resumedMs: readonly number[],
): Promise<KillLoopReport> => {
  const isTold = (id: string): boolean =>
    standIns.calls.some((call) => call.what === 'callback' && call.who === id);
  await eventually(
    async () => client.acknowledged.filter((id) => !isTold(id)),
    (untold) => untold.length === 0,
    END_MS,
  ).catch(() => undefined);
  for (const service of services) await service.kill('SIGTERM');
  const storage = await createTaskStorage({
    dataDir,
    database: { url: options.databaseUrl, poolSize: 2, role: 'all' },
    concurrency: 1,
    onError: () => undefined,
  });
  await storage.database.open();
  try {
    const verdict = await judge(storage, standIns, client.acknowledged, dataDir);
    return { ...verdict, kills: options.kills, resumedMs: [...resumedMs, ...takeovers(services)] };
  } finally {
    await storage.database.close();
  }
};

/** With several workers: how long a task of a dead one lay still, as its successor's log tells. */
const takeovers = (services: readonly ServiceProcess[]): readonly number[] => {
  const lines = services.flatMap((service) => service.lines);
  const last = new Map<string, number>();
  const gaps: number[] = [];
  for (const line of lines.toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time))) {
    const id = line['taskId'];
    if (typeof id !== 'string' || (line.msg !== 'task' && line.msg !== 'step')) continue;
    const at = Date.parse(line.time);
    const before = last.get(id);
    const isAgain = line['event'] === 'started' && line['claim'] !== 1;
    if (services.length > 1 && isAgain && before !== undefined) gaps.push(at - before);
    last.set(id, at);
  }
  return gaps;
};
