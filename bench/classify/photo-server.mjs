/** Serves the photos from memory, in a process of its own; `POST /echo` measures the load generator. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename } from 'node:path';

import { answerParent } from './child-protocol.mjs';

const listen = (photos) => {
  const pages = new Map(
    Object.values(photos).flatMap(({ type, files }) =>
      files.map((file) => [`/${basename(file)}`, { type, bytes: readFileSync(file) }]),
    ),
  );
  const server = createServer((request, response) => {
    request.resume();
    const page = pages.get(request.url);
    if (request.url === '/echo') response.end('{"confidence":0}');
    else if (!page) response.writeHead(404).end();
    else {
      response.writeHead(200, { 'Content-Type': page.type, 'Content-Length': page.bytes.length });
      response.end(page.bytes);
    }
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({ port: server.address().port }));
  });
};

answerParent({ start: ({ photos }) => listen(photos) });
