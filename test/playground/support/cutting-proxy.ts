import { connect, createServer, type Socket } from 'node:net';

import { freePort } from '../../../scripts/free-port.mjs';

export interface CuttingProxy {
  readonly url: string;
  /** Values of Last-Event-ID, in the order of the event streams that were asked for; '' for none. */
  readonly lastEventIds: string[];
  /** Lets connections through again. */
  release(): void;
  close(): Promise<void>;
}

const EVENTS_REQUEST = /^GET \/tasks\/[^ ]+\/events /m;
/** What was sent before has to reach the browser before the connection is gone. */
const CUT_DELAY_MS = 100;

/** TCP between browser and service: cuts the first event stream after `marker`, then lets nobody in. */
export const startCuttingProxy = async (port: number, marker: string): Promise<CuttingProxy> => {
  const lastEventIds: string[] = [];
  const sockets = new Set<Socket>();
  const waiting: (() => void)[] = [];
  let state: 'whole' | 'cut' | 'released' = 'whole';

  const join = (client: Socket): void => {
    const upstream = connect(port, '127.0.0.1');
    let isStream = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.end());
    client.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      isStream = EVENTS_REQUEST.test(text);
      if (isStream) lastEventIds.push(/^last-event-id: (.*)$/im.exec(text)?.[1]?.trim() ?? '');
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (state === 'cut') return;
      const at = isStream && state === 'whole' ? bytes.indexOf(marker) : -1;
      if (at < 0) {
        client.write(bytes);
        return;
      }
      state = 'cut';
      client.write(bytes.subarray(0, at));
      setTimeout(() => sockets.forEach((socket) => socket.destroy()), CUT_DELAY_MS);
    });
  };

  const server = createServer((client) => {
    if (state === 'cut') waiting.push(() => join(client));
    else join(client);
  });
  const ownPort = await freePort();
  await new Promise<void>((resolve) => server.listen(ownPort, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${ownPort}`,
    lastEventIds,
    release: () => {
      state = 'released';
      for (const go of waiting.splice(0)) go();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};
