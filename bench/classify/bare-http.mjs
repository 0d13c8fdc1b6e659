/**
 * As little HTTP/1.1 as the load generator and the photo server need: what these take of the cores
 * is taken from the endpoint that is measured. Every message has a Content-Length.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const HEAD_END = '\r\n\r\n';

/** The first message of what was received, as latin1; undefined until all of it is here. */
const takeMessage = (received) => {
  const headEnd = received.indexOf(HEAD_END);
  if (headEnd === -1) return undefined;
  const head = received.slice(0, headEnd);
  const from = headEnd + HEAD_END.length;
  const to = from + Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  return received.length < to
    ? undefined
    : { head, body: received.slice(from, to), rest: received.slice(to) };
};

const openConnection = async ({ hostname, port, host }) => {
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  let received = '';
  let asked;
  socket.on('data', (data) => {
    received += data.latin1Slice();
    const message = takeMessage(received);
    if (!message) return;
    received = message.rest;
    asked.resolve({ statusCode: Number(message.head.slice(9, 12)), text: message.body });
  });
  socket.on('error', (error) => asked?.reject(error));
  // After an answer this rejects a promise that is settled already.
  socket.on('close', () => asked?.reject(new Error(`${host} hung up`)));
  return {
    close: () => socket.destroy(),
    ask: (request) =>
      new Promise((resolve, reject) => {
        asked = { resolve, reject };
        socket.write(request, 'latin1');
      }),
  };
};

/**
 * Posts JSON to one address over connections that are kept, each with one request at a time.
 *
 * @param {string} url
 */
export const openPoster = (url) => {
  const address = new URL(url);
  const head = `POST ${address.pathname} HTTP/1.1\r\nHost: ${address.host}\r\nContent-Type: application/json\r\nContent-Length: `;
  let free = [];
  return {
    /** @param {string} json ASCII @returns {Promise<{ statusCode: number, text: string }>} text as latin1 */
    post: async (json) => {
      const connection = free.pop() ?? (await openConnection(address));
      const answer = await connection.ask(`${head}${json.length}${HEAD_END}${json}`);
      free.push(connection);
      return answer;
    },
    /** To be called before every pause: the server closes connections that it does not hear of. */
    close: () => {
      for (const connection of free) connection.close();
      free = [];
    },
  };
};

/**
 * Serves what is in memory, whatever the method, on a free port of loopback.
 *
 * @param {Map<string, { type: string, bytes: Buffer }>} pages by path
 * @returns {Promise<number>} the port
 */
export const serveFromMemory = async (pages) => {
  const answers = new Map(
    [...pages].map(([path, { type, bytes }]) => {
      const head = `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${bytes.length}${HEAD_END}`;
      return [path, Buffer.concat([Buffer.from(head), bytes])];
    }),
  );
  const notFound = `HTTP/1.1 404 Not Found\r\nContent-Length: 0${HEAD_END}`;
  const server = createServer({ noDelay: true }, (socket) => {
    let received = '';
    socket.on('data', (data) => {
      received += data.latin1Slice();
      for (let message; (message = takeMessage(received)); received = message.rest) {
        const [, path] = message.head.split(' ', 2);
        socket.write(answers.get(path) ?? notFound);
      }
    });
    socket.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
};
