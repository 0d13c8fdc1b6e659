import { channel } from 'node:diagnostics_channel';

import { safely } from './safely.js';

/** Something that happens at once, told to those who watch. */
export class Occurrence<M extends object> {
  private readonly channel;

  constructor(readonly name: string) {
    this.channel = channel(name);
  }

  tell(message: M): void {
    if (this.channel.hasSubscribers) this.channel.publish(message);
  }

  /** @returns what ends the watching */
  watch(watcher: (message: M) => void): () => void {
    const onMessage = safely(this.name, watcher) as (message: unknown) => void;
    this.channel.subscribe(onMessage);
    return () => void this.channel.unsubscribe(onMessage);
  }
}
