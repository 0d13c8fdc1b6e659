import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { startPostgres } from '../../scripts/postgres.mjs';
import { ACCESS_KEY, BUCKET, SECRET_KEY, startS3Server } from '../../scripts/s3.mjs';
import { startLoopChild } from '../classify/children.mjs';
import { SOURCE_PHOTO } from '../classify/paths.mjs';
import { BENCH_SETTINGS, startServiceProcess } from '../classify/service-process.mjs';
import { createGpuStandIn } from './gpu-stand-in.mjs';

const settingsOf = ({ database, s3, gpu, photoHost, dataDir }) => ({
  ...BENCH_SETTINGS,
  PATH: `${gpu.folder}:${process.env.PATH}`,
  DATA_DIR: dataDir,
  DATABASE_URL: database.url,
  S3_BUCKET: BUCKET,
  S3_ENDPOINT: s3.url,
  AWS_ACCESS_KEY_ID: ACCESS_KEY,
  AWS_SECRET_ACCESS_KEY: SECRET_KEY,
  GPU_CHECK: 'nvidia-smi',
  IMAGE_ALLOWED_PRIVATE_HOSTS: photoHost,
});

/** The built service with everything it depends on, each part a process that can be stopped. */
export const startWorld = async () => {
  const ends = [];
  const keep = (part, end) => {
    ends.unshift(() => end(part));
    return part;
  };
  const stop = async () => {
    for (const end of ends) await end();
  };
  try {
    const dataDir = keep(await mkdtemp(join(tmpdir(), 'desk-ai-outage-')), (folder) =>
      rm(folder, { recursive: true, force: true }),
    );
    const database = keep(await startPostgres(), (server) => server.stop());
    const s3 = keep(await startS3Server(), (server) => server.stop());
    const gpu = keep(await createGpuStandIn(), (standIn) => standIn.remove());
    const photos = keep(
      await startLoopChild('photo-server.mjs', {
        photos: { desk: { type: 'image/jpeg', files: [SOURCE_PHOTO] } },
      }),
      (child) => child.stop(),
    );
    const prober = keep(await startLoopChild('../overload/prober.mjs', {}), (child) =>
      child.stop(),
    );
    const photoHost = `127.0.0.1:${photos.ready.port}`;
    const parts = { database, s3, gpu, photoHost, dataDir };
    const { url } = keep(await startServiceProcess(settingsOf(parts)), (service) => service.stop());
    const photoUrl = `http://${photoHost}/${basename(SOURCE_PHOTO)}`;
    return { url, photoUrl, database, s3, gpu, prober, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
