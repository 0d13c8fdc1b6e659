/**
 * PostgreSQL and the S3 server are stopped and started again, then `nvidia-smi` hangs, while health is
 * asked every 100 ms and photos keep coming: `npm run bench:outage`.
 *
 *   BENCH_SECONDS=60   how long the outages last in all (at least 40); the GPU takes 18 s more
 *   BENCH_HOW=freeze   both servers are paused instead: they take connections and never answer
 *
 * It prints what was measured and judges it; exit code 1 when a rule of issue 7 is broken. Needs
 * PostgreSQL (see scripts/postgres.mjs) and test/support/s3/install-s3-server.sh.
 */
import { whyNoS3Server } from '../scripts/s3.mjs';
import { judge } from './outage/judge.mjs';
import { play } from './outage/play.mjs';
import { startWorld } from './outage/world.mjs';
import { printRows } from './overload/print-rows.mjs';

const SECONDS = Math.max(40, Number(process.env.BENCH_SECONDS ?? 60));
const HOW = process.env.BENCH_HOW === 'freeze' ? 'freeze' : 'stop';

if (whyNoS3Server !== undefined) throw new Error(whyNoS3Server);
const world = await startWorld();
try {
  process.exitCode = printRows(judge(await play(world, { seconds: SECONDS, how: HOW }))) ? 0 : 1;
} finally {
  await world.stop();
}
