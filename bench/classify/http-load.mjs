import { basename } from 'node:path';

import { Agent, request } from 'undici';

import { openPoster } from './bare-http.mjs';
import { closedLoop, NO_ROOM } from './closed-loop.mjs';
import { percentile } from './stats.mjs';

const READY_TRIES = 600;
const READY_PAUSE_MS = 100;
const PROBE_EVERY_MS = 20;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {import('node:child_process').ChildProcess} child */
export const waitUntilReady = async (url, child) => {
  for (let tries = 0; tries < READY_TRIES; tries += 1) {
    if (child.exitCode !== null) throw new Error(`${url} ended with ${child.exitCode}`);
    const answer = await request(url).catch(() => undefined);
    await answer?.body.dump();
    if (answer?.statusCode === 200) return;
    await pause(READY_PAUSE_MS);
  }
  throw new Error(`${url} did not answer in time`);
};

/** Sends `{"initial_image_url": …}` and gives the desk probability of the answer. */
const classifyOver = (poster, photoUrl) => async (photo) => {
  const { statusCode, text } = await poster.post(
    JSON.stringify({ initial_image_url: `${photoUrl}/${photo}` }),
  );
  if (statusCode === 503) return NO_ROOM;
  if (statusCode !== 200) throw new Error(`${statusCode} for ${photo}: ${text}`);
  return JSON.parse(text).confidence;
};

/** A closed loop of HTTP clients in front of one server. */
export const openHttpLoad = ({ address, photoUrl, photos, inFlight }) => {
  const poster = openPoster(address);
  const classify = classifyOver(poster, photoUrl);
  const names = Object.fromEntries(
    Object.entries(photos).map(([kind, { files }]) => [kind, files.map((file) => basename(file))]),
  );
  const classifyTurn = (kind) => (turn) => classify(names[kind][turn % names[kind].length]);
  return {
    measure: ({ kind, ...slice }) =>
      closedLoop(classifyTurn(kind), { ...slice, inFlight }).finally(poster.close),
    check: (kind) => classifyTurn(kind)(0).finally(poster.close),
  };
};

/** Asks every 20 ms, whether or not the last answer has come. */
export const startProbes = (address) => {
  const dispatcher = new Agent({ connections: 8, pipelining: 1 });
  const times = [];
  let failures = 0;
  const probe = async () => {
    const startedAt = performance.now();
    try {
      const { statusCode, body } = await request(address, { dispatcher });
      await body.dump();
      if (statusCode !== 200) failures += 1;
      times.push(performance.now() - startedAt);
    } catch {
      failures += 1;
    }
  };
  const timer = setInterval(probe, PROBE_EVERY_MS);
  return async () => {
    clearInterval(timer);
    await dispatcher.close();
    return {
      count: times.length,
      failures,
      p50Ms: percentile(times, 0.5),
      p99Ms: percentile(times, 0.99),
    };
  };
};
