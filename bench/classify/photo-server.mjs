/** Serves the photos from memory, in a process of its own; `POST /echo` measures the load generator. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

import { serveFromMemory } from './bare-http.mjs';
import { answerParent } from './child-protocol.mjs';

const serve = async (photos) => {
  const pages = Object.values(photos).flatMap(({ type, files }) =>
    files.map((file) => [`/${basename(file)}`, { type, bytes: readFileSync(file) }]),
  );
  const echo = { type: 'application/json', bytes: Buffer.from('{"confidence":0}') };
  return { port: await serveFromMemory(new Map([...pages, ['/echo', echo]])) };
};

answerParent({ start: ({ photos }) => serve(photos) });
