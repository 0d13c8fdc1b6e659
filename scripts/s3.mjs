/**
 * An S3-speaking server for tests and benchmarks that checks signatures: versitygw, built by
 * `test/support/s3/install-s3-server.sh`, on a free loopback port and in a folder of its own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';

import { freePort } from './free-port.mjs';

const VERSION = 'v1.8.0';
export const ACCESS_KEY = 'test-access';
export const SECRET_KEY = 'LEAK-KEY-s3-secret';
export const BUCKET = 'desk-photos';

const cacheDir =
  process.env.S3_SERVER_DIR ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'desk-ai');
const BINARY = join(cacheDir, `versitygw-${VERSION}`, 'versitygw');

/** Undefined when there is one, else why there is none. */
export const whyNoS3Server = existsSync(BINARY)
  ? undefined
  : 'no S3 server here: run test/support/s3/install-s3-server.sh';

const answers = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });

const waitFor = async (port, child) => {
  for (let tries = 0; tries < 400; tries += 1) {
    if (child.exitCode !== null) throw new Error(`The S3 server ended with ${child.exitCode}`);
    if (await answers(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The S3 server does not answer');
};

const createBucket = async (url) => {
  const client = new S3Client({
    endpoint: url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY },
  });
  const command = new CreateBucketCommand({ Bucket: BUCKET });
  await client.send(command).finally(() => client.destroy());
};

export const startS3Server = async () => {
  const root = await mkdtemp(join(tmpdir(), 'desk-ai-s3-'));
  const [data, meta, users] = ['data', 'meta', 'users'].map((name) => join(root, name));
  await Promise.all([data, meta, users].map((folder) => mkdir(folder)));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const owner = ['--access', ACCESS_KEY, '--secret', SECRET_KEY];
  const settings = ['--port', `127.0.0.1:${port}`, '--quiet', '--iam-dir', users];
  const store = ['posix', '--sidecar', meta, data];

  let child;
  const start = async () => {
    child = spawn(BINARY, [...owner, ...settings, ...store], { stdio: 'ignore' });
    await waitFor(port, child);
  };
  const halt = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  const stop = async () => {
    await halt();
    await rm(root, { recursive: true, force: true });
  };
  try {
    await start();
    await createBucket(url);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, binary: BINARY, start, pid: async () => child.pid, halt, stop };
};
