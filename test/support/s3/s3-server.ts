import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { CreateBucketCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';

import { freePort } from '../app.js';

const VERSION = 'v1.8.0';
export const ACCESS_KEY = 'test-access';
export const SECRET_KEY = 'LEAK-KEY-s3-secret';
export const BUCKET = 'desk-photos';

const cacheDir =
  process.env['S3_SERVER_DIR'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'desk-ai');
const BINARY = join(cacheDir, `versitygw-${VERSION}`, 'versitygw');

/** Undefined when there is one, else why there is none, for the title of skipped tests. */
export const whyNoS3Server = existsSync(BINARY)
  ? undefined
  : 'no S3 server here: run test/support/s3/install-s3-server.sh';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface S3Server {
  readonly url: string;
  /** Somebody who may do nothing but what the policy says. */
  addUser(accessKeyId: string, policy: object): Promise<Credentials>;
  close(): Promise<void>;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });

const waitFor = async (port: number, child: ChildProcess): Promise<void> => {
  for (let tries = 0; tries < 400; tries += 1) {
    if (child.exitCode !== null) throw new Error(`The S3 server ended with ${child.exitCode}`);
    if (await answers(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The S3 server does not answer');
};

/** A real S3-speaking process that checks signatures, on a free port and a folder of its own. */
export const startS3Server = async (): Promise<S3Server> => {
  const folder = await mkdtemp(join(tmpdir(), 'desk-ai-s3-'));
  const port = await freePort();
  const [data, meta] = [await mkdtemp(join(folder, 'data-')), await mkdtemp(join(folder, 'meta-'))];
  const users = await mkdtemp(join(folder, 'users-'));
  const child = spawn(
    BINARY,
    [
      '--access',
      ACCESS_KEY,
      '--secret',
      SECRET_KEY,
      '--port',
      `127.0.0.1:${port}`,
      '--quiet',
      '--iam-dir',
      users,
      'posix',
      '--sidecar',
      meta,
      data,
    ],
    { stdio: 'ignore' },
  );
  const url = `http://127.0.0.1:${port}`;
  const close = async (): Promise<void> => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null && child.kill('SIGKILL')) await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const asOwner = async (work: (client: S3Client) => Promise<unknown>): Promise<void> => {
    const client = new S3Client({
      endpoint: url,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY },
    });
    await work(client).finally(() => client.destroy());
  };
  const addUser = async (accessKeyId: string, policy: object): Promise<Credentials> => {
    const secretAccessKey = `LEAK-KEY-of-${accessKeyId}`;
    const owner = ['--access', ACCESS_KEY, '--secret', SECRET_KEY, '--endpoint-url', url];
    const user = ['--access', accessKeyId, '--secret', secretAccessKey, '--role', 'user'];
    await promisify(execFile)(BINARY, ['admin', ...owner, 'create-user', ...user]);
    const Policy = JSON.stringify(policy);
    await asOwner((client) => client.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy })));
    return { accessKeyId, secretAccessKey };
  };
  try {
    await waitFor(port, child);
    await asOwner((client) => client.send(new CreateBucketCommand({ Bucket: BUCKET })));
  } catch (error) {
    await close();
    throw error;
  }
  return { url, addUser, close };
};
