import { connect, type Socket } from 'node:net';

export interface RawExchange {
  /** All that came back, as Latin-1. */
  readonly received: string;
  /** The status line's code of each answer that came back. */
  readonly statuses: readonly number[];
}

const open = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });

export type Attack = (socket: Socket) => void | Promise<void>;

/** Plays an attack on a raw connection and waits until the server ends it, or for `patienceMs`. */
export const attack = async (
  port: number,
  play: Attack,
  patienceMs = 8_000,
): Promise<RawExchange> => {
  const socket = await open(port);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  // A reset is one of the right answers to an attack.
  socket.on('error', () => {});
  await play(socket);
  const timer = setTimeout(() => socket.destroy(), patienceMs);
  await closed;
  clearTimeout(timer);
  const received = Buffer.concat(chunks).toString('latin1');
  const statuses = [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, code]) => Number(code));
  return { received, statuses };
};

/** Lines of a request head, joined as HTTP wants them. */
export const head = (...lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`;

/** Writes as long as the other side reads; slow attacks end when they are cut off. */
export const drip = async (socket: Socket, piece: () => string, everyMs: number): Promise<void> => {
  while (!socket.destroyed && !socket.readableEnded) {
    socket.write(piece());
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
};
