/** Asks addresses ten times a second, in a process of its own: as late as the service, never as the bench. */
import { Agent, request } from 'node:http';

import { answerParent } from '../classify/child-protocol.mjs';

const EVERY_MS = 100;

const agent = new Agent({ keepAlive: true });
const pending = new Set();
let answers = [];
let timer;
let keepsBodies = false;

/** Status and time of one request; status 0 when the connection failed. `at` is when its answer was there. */
const ask = (url) =>
  new Promise((resolve) => {
    const startedAt = performance.now();
    const chunks = [];
    const end = (status) => {
      const ms = performance.now() - startedAt;
      const body = keepsBodies ? { at: Date.now(), body: Buffer.concat(chunks).toString() } : {};
      resolve({ url, status, ms, ...body });
    };
    const sent = request(url, { agent, timeout: 60_000 }, (response) => {
      response.on('data', (chunk) => keepsBodies && chunks.push(chunk));
      response.once('end', () => end(response.statusCode));
    });
    sent.once('timeout', () => sent.destroy());
    sent.once('error', () => end(0));
    sent.end();
  });

const probe = async (url) => {
  const answer = ask(url);
  pending.add(answer);
  answers.push(await answer);
  pending.delete(answer);
};

answerParent({
  start: () => undefined,
  begin: ({ urls, keepBodies = false }) => {
    answers = [];
    keepsBodies = keepBodies;
    timer = setInterval(() => urls.forEach(probe), EVERY_MS);
  },
  finish: async () => {
    clearInterval(timer);
    await Promise.all(pending);
    return answers;
  },
});
