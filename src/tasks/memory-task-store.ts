import { type StepRecord, type Task, type TaskEvent, canMove, hasEnded } from './task.js';
import {
  type CreateOutcome,
  type Delivery,
  type NewTask,
  type TaskEnding,
  type TaskFilter,
  type TaskPage,
  type TaskProgress,
  type TaskStore,
} from './task-store.port.js';

interface Entry {
  task: Task;
  readonly steps: StepRecord[];
  readonly events: TaskEvent[];
}

const REMEMBERED_DURATIONS = 50;

const matches = (task: Task, filter: TaskFilter): boolean =>
  (filter.owner === undefined || task.owner === filter.owner) &&
  (filter.status === undefined || task.status === filter.status) &&
  (filter.kind === undefined || task.kind === filter.kind) &&
  (filter.initialImageUrl === undefined ||
    task.input['initialImageUrl'] === filter.initialImageUrl);

const median = (values: readonly number[]): number | null =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;

/** Tasks of one process, gone with it. Ids are UUIDv7, so their order is the order of creation. */
export class MemoryTaskStore implements TaskStore {
  private readonly entries = new Map<string, Entry>();
  private readonly keys = new Map<string, { taskId: string; fingerprint: string }>();
  private readonly deliveryById = new Map<string, Delivery>();
  private readonly durations = new Map<string, number[]>();

  async create(input: NewTask): Promise<CreateOutcome> {
    const key = input.idempotency && `${input.owner}\n${input.idempotency.key}`;
    const known = key ? this.keys.get(key) : undefined;
    if (known) {
      const task = this.entries.get(known.taskId)?.task;
      if (known.fingerprint !== input.idempotency?.fingerprint) return { kind: 'key_reused' };
      if (task) return { kind: 'existing', task };
    }
    const waiting = await this.countQueued();
    if (waiting >= input.queueLimit) return { kind: 'queue_full', waiting };
    const task = toTask(input);
    this.entries.set(task.id, { task, steps: [], events: [] });
    if (key && input.idempotency) {
      this.keys.set(key, { taskId: task.id, fingerprint: input.idempotency.fingerprint });
    }
    return { kind: 'created', task };
  }

  async find(id: string): Promise<Task | undefined> {
    return this.entries.get(id)?.task;
  }

  async list(filter: TaskFilter, limit: number, after: string | null): Promise<TaskPage> {
    const tasks = this.tasks()
      .toReversed()
      .filter((task) => (after === null || task.id < after) && matches(task, filter));
    const page = tasks.slice(0, limit);
    return { tasks: page, next: tasks.length > limit ? (page.at(-1)?.id ?? null) : null };
  }

  async claim(id: string, at: Date): Promise<Task | undefined> {
    const entry = this.entries.get(id);
    if (!entry || hasEnded(entry.task.status)) return undefined;
    const { task } = entry;
    entry.task = {
      ...task,
      status: 'running',
      claim: task.claim + 1,
      startedAt: task.startedAt ?? at,
    };
    return entry.task;
  }

  async report(id: string, claim: number, progress: TaskProgress): Promise<boolean> {
    const entry = this.owned(id, claim);
    if (!entry) return false;
    const { result, ...rest } = progress;
    entry.task = { ...entry.task, ...rest, result: { ...entry.task.result, ...result } };
    return true;
  }

  async addStep(id: string, claim: number, record: StepRecord): Promise<boolean> {
    const entry = this.owned(id, claim);
    if (!entry) return false;
    entry.steps.push(record);
    if (record.outcome === 'done') this.rememberDuration(entry.task.kind, record);
    return true;
  }

  async steps(id: string): Promise<readonly StepRecord[]> {
    return [...(this.entries.get(id)?.steps ?? [])];
  }

  async end(
    id: string,
    claim: number,
    ending: TaskEnding,
    toDelivery: (ended: Task) => Delivery | null,
  ): Promise<Task | undefined> {
    const entry = this.owned(id, claim);
    if (!entry || !canMove(entry.task.status, ending.status)) return undefined;
    const { status, error, at } = ending;
    entry.task = {
      ...entry.task,
      status,
      error,
      finishedAt: at,
      percent: status === 'succeeded' ? 100 : entry.task.percent,
    };
    const delivery = toDelivery(entry.task);
    if (delivery) this.deliveryById.set(delivery.id, delivery);
    return entry.task;
  }

  async delete(id: string): Promise<void> {
    this.entries.delete(id);
    for (const [key, { taskId }] of this.keys) if (taskId === id) this.keys.delete(key);
    for (const [key, { taskId }] of this.deliveryById) {
      if (taskId === id) this.deliveryById.delete(key);
    }
  }

  async unfinished(): Promise<readonly string[]> {
    return this.tasks()
      .filter((task) => !hasEnded(task.status))
      .map((task) => task.id);
  }

  async countQueued(): Promise<number> {
    return this.tasks().filter((task) => task.status === 'queued').length;
  }

  async queuePosition(id: string): Promise<number | null> {
    const index = this.tasks()
      .filter((task) => task.status === 'queued')
      .findIndex((task) => task.id === id);
    return index < 0 ? null : index + 1;
  }

  async addEvent(id: string, event: Omit<TaskEvent, 'seq'>): Promise<TaskEvent> {
    const events = this.entries.get(id)?.events ?? [];
    const stored = { ...event, seq: events.length + 1 };
    events.push(stored);
    return stored;
  }

  async events(id: string, afterSeq: number): Promise<readonly TaskEvent[]> {
    return (this.entries.get(id)?.events ?? []).filter((event) => event.seq > afterSeq);
  }

  async deliveries(taskId: string): Promise<readonly Delivery[]> {
    return [...this.deliveryById.values()].filter((delivery) => delivery.taskId === taskId);
  }

  async pendingDeliveries(): Promise<readonly Delivery[]> {
    return [...this.deliveryById.values()].filter((delivery) => delivery.status === 'pending');
  }

  async addDelivery(delivery: Delivery): Promise<void> {
    this.deliveryById.set(delivery.id, delivery);
  }

  async updateDelivery(delivery: Delivery): Promise<void> {
    // A delivery that belongs to no task has no reader once it has ended.
    if (delivery.taskId === null && delivery.status !== 'pending') {
      this.deliveryById.delete(delivery.id);
    } else if (this.deliveryById.has(delivery.id)) {
      this.deliveryById.set(delivery.id, delivery);
    }
  }

  async typicalStepMs(kind: string, step: string): Promise<number | null> {
    return median(this.durations.get(`${kind}/${step}`) ?? []);
  }

  private tasks(): Task[] {
    return [...this.entries.values()].map((entry) => entry.task);
  }

  private owned(id: string, claim: number): Entry | undefined {
    const entry = this.entries.get(id);
    return entry?.task.claim === claim && !hasEnded(entry.task.status) ? entry : undefined;
  }

  private rememberDuration(kind: string, record: StepRecord): void {
    const key = `${kind}/${record.step}`;
    const durationMs = record.finishedAt.getTime() - record.startedAt.getTime();
    const durations = [...(this.durations.get(key) ?? []), durationMs];
    this.durations.set(key, durations.slice(-REMEMBERED_DURATIONS));
  }
}

const toTask = (input: NewTask): Task => ({
  id: input.id,
  kind: input.kind,
  owner: input.owner,
  input: input.input,
  callbackUrl: input.callbackUrl,
  createdAt: input.createdAt,
  status: 'queued',
  result: {},
  warnings: [],
  calls: [],
  error: null,
  step: null,
  percent: 0,
  claim: 0,
  startedAt: null,
  finishedAt: null,
});
