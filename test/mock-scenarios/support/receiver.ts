import { createServer } from 'node:http';

export interface TaskJson {
  readonly task_id: string;
  readonly status: string;
  readonly progress: { readonly step: string | null; readonly percent: number };
  readonly processed_image_url: string | null;
  readonly products: readonly unknown[];
  readonly items: readonly { readonly keyword: string }[];
  readonly warnings: readonly string[];
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly cost: { readonly usd: number | null; readonly calls: readonly unknown[] };
  readonly provider: Readonly<Record<string, string | null>>;
}

export interface Receiver {
  readonly host: string;
  readonly url: string;
  readonly bodies: Record<string, unknown>[];
  about(taskId: string): Record<string, unknown>[];
  close(): void;
}

/** A backend that takes every callback. */
export const startReceiver = async (): Promise<Receiver> => {
  const bodies: Record<string, unknown>[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      bodies.push(JSON.parse(text) as Record<string, unknown>);
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return {
    host,
    url: `http://${host}/callback`,
    bodies,
    about: (taskId) => bodies.filter((body) => body['task_id'] === taskId),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};

export interface ToldEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Reads a stream of Server-Sent Events to its end. */
export const readEvents = async (url: string): Promise<ToldEvent[]> =>
  (await (await fetch(url)).text())
    .split('\n\n')
    .filter((block) => block.startsWith('id:'))
    .map((block) => ({
      type: /^event: (.*)$/m.exec(block)?.[1] ?? '',
      data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '{}') as ToldEvent['data'],
    }));

export const startedSteps = (events: readonly ToldEvent[]): string[] =>
  events
    .filter(({ type, data }) => type === 'step' && data['state'] === 'started')
    .map(({ data }) => String(data['step']));
