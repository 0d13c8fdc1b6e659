import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';

import { ACCESS_KEY, BUCKET, SECRET_KEY, startS3Server as start } from '../../../scripts/s3.mjs';

export { ACCESS_KEY, BUCKET, SECRET_KEY, whyNoS3Server } from '../../../scripts/s3.mjs';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface S3Server {
  readonly url: string;
  /** Somebody who may do nothing but what the policy says. */
  addUser(accessKeyId: string, policy: object): Promise<Credentials>;
  /** It is gone until `start`, with what it has stored. */
  halt(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** A real S3-speaking process that checks signatures, on a free port and a folder of its own. */
export const startS3Server = async (): Promise<S3Server> => {
  const server = await start();
  const { url } = server;
  const allow = async (policy: object): Promise<void> => {
    const client = new S3Client({
      endpoint: url,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY },
    });
    const command = new PutBucketPolicyCommand({ Bucket: BUCKET, Policy: JSON.stringify(policy) });
    await client.send(command).finally(() => client.destroy());
  };
  const addUser = async (accessKeyId: string, policy: object): Promise<Credentials> => {
    const secretAccessKey = `LEAK-KEY-of-${accessKeyId}`;
    const owner = ['--access', ACCESS_KEY, '--secret', SECRET_KEY, '--endpoint-url', url];
    const user = ['--access', accessKeyId, '--secret', secretAccessKey, '--role', 'user'];
    await promisify(execFile)(server.binary, ['admin', ...owner, 'create-user', ...user]);
    await allow(policy);
    return { accessKeyId, secretAccessKey };
  };
  return { url, addUser, halt: server.halt, start: server.start, close: server.stop };
};
