import { type AsyncLocalStorage } from 'node:async_hooks';
import { tracingChannel } from 'node:diagnostics_channel';

import { safely } from './safely.js';

/** One run of an operation, as those who watch it see it. */
export interface Run<C extends object, R> {
  readonly context: C;
  /** Milliseconds that never jump. */
  readonly startedAt: number;
  /** Set when it ended well. */
  result?: R;
  /** Set when it failed. */
  error?: unknown;
}

export interface Watcher<C extends object, R> {
  readonly started?: (run: Run<C, R>) => void;
  readonly ended?: (run: Run<C, R>) => void;
}

/**
 * Work that may be watched, over a tracing channel of `node:diagnostics_channel`: whoever works knows
 * no metric and no span, and while nobody watches it costs a look at a flag.
 */
export class Operation<C extends object, R = unknown> {
  private readonly channels;

  constructor(readonly name: string) {
    this.channels = tracingChannel<Run<C, R>>(name);
  }

  run<T extends R>(context: C, work: () => Promise<T>): Promise<T> {
    if (!this.isWatched()) return work();
    const run: Run<C, R> = { context, startedAt: performance.now() };
    return this.channels.tracePromise(work, run) as Promise<T>;
  }

  /** For work that ends with an event instead of a promise; to be followed by {@link end}. */
  begin(context: C, goOn: (run: Run<C, R>) => void): void {
    const run: Run<C, R> = { context, startedAt: performance.now() };
    this.channels.start.runStores(run, () => goOn(run));
  }

  end(run: Run<C, R>, result: R): void {
    run.result = result;
    this.channels.asyncEnd.publish(run);
  }

  isWatched(): boolean {
    return this.channels.start.hasSubscribers || this.channels.asyncEnd.hasSubscribers;
  }

  /** @returns what ends the watching */
  watch({ started, ended }: Watcher<C, R>): () => void {
    const onStart = started && safely(this.name, started);
    const onEnd = ended && safely(this.name, ended);
    const { start, asyncEnd } = this.channels;
    if (onStart) start.subscribe(onStart as (message: unknown) => void);
    if (onEnd) asyncEnd.subscribe(onEnd as (message: unknown) => void);
    return () => {
      if (onStart) start.unsubscribe(onStart as (message: unknown) => void);
      if (onEnd) asyncEnd.unsubscribe(onEnd as (message: unknown) => void);
    };
  }

  /** For as long as a run goes on, `storage` holds what `enter` returns. */
  bind<S>(storage: AsyncLocalStorage<S>, enter: (run: Run<C, R>) => S): () => void {
    const { start } = this.channels;
    // Node's types take the message itself for what is stored.
    const store = storage as AsyncLocalStorage<unknown> as AsyncLocalStorage<Run<C, R>>;
    start.bindStore(store, enter as (message: unknown) => Run<C, R>);
    return () => void start.unbindStore(store);
  }
}

export const secondsSince = (startedAt: number): number => (performance.now() - startedAt) / 1_000;
