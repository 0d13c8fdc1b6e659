/**
 * Worker thread of the embedded generator: pixels in, pixels out, one job at a time. Only pure
 * JavaScript runs here, so ending the thread in the middle of a job is safe.
 */
import { parentPort } from 'node:worker_threads';
import { lowerOwnPriority } from '../../../common/workers/thread-priority.js';
import { createRandom } from './random.js';
import { rasterFromBytes, rasterToBytes } from './raster.js';
import { type RenderJob, type RenderedPixels } from './render-job.js';
import { RENDERINGS } from './renderings/renderings.js';

/** Requests are answered first: a picture takes a second of a core. */
const NICE = 10;

lowerOwnPriority(NICE);

const render = ({ pixels, width, height, concept, seed }: RenderJob): RenderedPixels => {
  const photo = rasterFromBytes(pixels, width, height);
  return { pixels: rasterToBytes(RENDERINGS[concept](photo, createRandom(seed))) };
};

parentPort?.on('message', (job: RenderJob) => {
  const result = render(job);
  parentPort?.postMessage(result, [result.pixels.buffer]);
});
