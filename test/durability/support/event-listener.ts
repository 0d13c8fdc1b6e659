import { type ClientRequest, get, type IncomingMessage } from 'node:http';

import { eventually } from '../../support/http.js';

export interface HeardEvent {
  readonly id: number;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** Follows one stream of a task's events over a connection of its own, as a browser would. */
export class EventListener {
  readonly events: HeardEvent[] = [];
  readonly comments: string[] = [];
  /** What the server said about when to come back, in milliseconds. */
  retryMs: number | undefined;
  isOver = false;
  private unread = '';

  private constructor(
    private readonly request: ClientRequest,
    response: IncomingMessage,
  ) {
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.read(text));
    response.once('error', () => undefined);
    response.once('close', () => (this.isOver = true));
  }

  /** Resolves when the server has answered. */
  static open(url: string, lastEventId?: number): Promise<EventListener> {
    return new Promise((resolve, reject) => {
      const headers = lastEventId === undefined ? {} : { 'Last-Event-ID': String(lastEventId) };
      const request = get(url, { agent: false, headers });
      request.on('error', reject);
      request.once('response', (response) => {
        if (response.statusCode !== 200) reject(new Error(`Status ${response.statusCode}`));
        else resolve(new EventListener(request, response));
      });
    });
  }

  get ids(): readonly number[] {
    return this.events.map(({ id }) => id);
  }

  async heard(count: number): Promise<void> {
    await eventually(
      async () => this.events.length,
      (length) => length >= count,
    );
  }

  async over(withinMs?: number): Promise<void> {
    await eventually(
      async () => this.isOver,
      (is) => is,
      withinMs,
    );
  }

  leave(): void {
    this.request.destroy();
  }

  private read(text: string): void {
    const blocks = (this.unread + text).split('\n\n');
    this.unread = blocks.pop() ?? '';
    for (const block of blocks) this.take(block);
  }

  private take(block: string): void {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      const [, name = '', value = ''] = /^([a-z]*): ?(.*)$/.exec(line) ?? [];
      if (name === '') this.comments.push(value);
      else fields.set(name, value);
    }
    if (fields.has('retry')) this.retryMs = Number(fields.get('retry'));
    const [id, type, data] = [fields.get('id'), fields.get('event'), fields.get('data')];
    if (id === undefined || type === undefined || data === undefined) return;
    this.events.push({ id: Number(id), type, data: JSON.parse(data) as HeardEvent['data'] });
  }
}

/** `1, 2, ... count`: nothing twice, nothing lost, nothing out of order. */
export const upTo = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => index + 1);
