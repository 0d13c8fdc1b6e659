import { type Server, type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';

/** Even when all other work has used the time up, an answer gets a moment, in milliseconds. */
const MIN_GRACE_MS = 500;

/**
 * Makes `server.close()` let answers that are under way come to their end: no new connection is
 * taken, silent ones are closed at once, the others after their answer, and whatever is left when
 * the time is over is cut. Node alone would wait for clients that keep their connection.
 *
 * @param graceMs asked when the server closes
 */
export const closeGracefully = (server: Server, graceMs: () => number): void => {
  const sockets = new Set<Socket>();
  const answering = new Set<ServerResponse>();
  let isClosing = false;

  const isBusy = (socket: Socket): boolean =>
    [...answering].some((response) => response.req.socket === socket);
  const announce = (response: ServerResponse): void => {
    if (!response.headersSent) response.setHeader('Connection', 'close');
  };

  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.prependListener('request', ({ socket }, response: ServerResponse) => {
    answering.add(response);
    if (isClosing) announce(response);
    response.once('close', () => {
      answering.delete(response);
      if (isClosing && !isBusy(socket)) socket.destroySoon();
    });
  });

  const close = server.close.bind(server);
  server.close = (callback) => {
    isClosing = true;
    for (const response of answering) announce(response);
    for (const socket of sockets) if (!isBusy(socket)) socket.destroySoon();
    const cut = setTimeout(
      () => {
        for (const socket of sockets) socket.destroy();
      },
      Math.max(MIN_GRACE_MS, graceMs()),
    );
    return close((error) => {
      clearTimeout(cut);
      callback?.(error);
    });
  };
};
