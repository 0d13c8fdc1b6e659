import { chmod, copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { type Finding } from '../../src/health/health-check.js';
import { gpuCheck } from '../../src/health/indicators/gpu.indicator.js';
import { eventually } from '../support/http.js';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'nvidia-smi');
const never = new AbortController().signal;

const look = async (
  folder: string,
  options: { minCount?: number; timeoutMs?: number; tools?: string } = {},
): Promise<Finding> => {
  const { minCount = 1, timeoutMs = 20_000, tools = '/usr/bin:/bin' } = options;
  const environment = { PATH: `${folder}:${tools}`, LC_ALL: 'C' };
  return gpuCheck({ check: 'nvidia-smi', timeoutMs, minCount, environment }).run(never);
};

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

describe(gpuCheck.name, () => {
  it('reports what a working GPU does', async () => {
    expect(await look(join(FIXTURES, 'healthy-l4'))).toEqual({
      isOk: true,
      data: {
        gpus: [
          {
            index: 0,
            name: 'NVIDIA L4',
            utilization_percent: 37,
            memory_used_mb: 5_120,
            memory_total_mb: 23_034,
            temperature_c: 54,
          },
        ],
      },
    });
  });

  it.each([
    ['healthy-t4-without-ecc', 'a GPU without ECC', 0],
    ['healthy-a100-mig', 'a GPU in slices', null],
    ['healthy-two', 'two GPUs, one of them at full load and hot', 100],
  ])('%s: accepts %s', async (scenario, _what, utilization) => {
    const finding = await look(join(FIXTURES, scenario));
    expect(finding).toMatchObject({
      isOk: true,
      data: {
        gpus: [{ utilization_percent: utilization }, ...(scenario.endsWith('two') ? [{}] : [])],
      },
    });
  });

  it.each([
    ['no-driver', 'The NVIDIA driver is not running.'],
    ['no-devices', 'There is no GPU.'],
    ['no-devices-exit-0', 'There is no GPU.'],
    ['prints-nothing', 'There is no GPU.'],
    ['lost-handle', 'A GPU is lost: reset it or reboot.'],
    ['handle-unknown-error', 'A GPU is lost: reset it or reboot.'],
    ['lost-in-row', 'A GPU is lost or does not report its state.'],
    ['lost-between-rows', 'A GPU is lost or does not report its state.'],
    ['requires-reset', 'A GPU is lost or does not report its state.'],
    ['unknown-error', 'A GPU is lost or does not report its state.'],
    ['not-applicable', 'A GPU is lost or does not report its state.'],
    ['ecc-errors', 'GPU 0 has 3 uncorrectable memory errors (ECC) since the driver was loaded.'],
    ['pages-pending', 'GPU 0 waits for a reset or reboot to retire broken memory pages.'],
    ['nvml-unknown-error', 'The NVIDIA driver cannot be reached from this process or container.'],
    ['version-mismatch', 'The NVIDIA driver was updated under the running kernel: reboot.'],
    ['old-driver', 'The NVIDIA driver is too old for the fields of this check.'],
    ['fails-silently', 'nvidia-smi failed.'],
    ['garbage', 'The answer of nvidia-smi could not be understood.'],
    ['wrong-units', 'The answer of nvidia-smi could not be understood.'],
    ['same-index-twice', 'The answer of nvidia-smi could not be understood.'],
    ['impossible-number', 'The answer of nvidia-smi could not be understood.'],
    ['floods', 'nvidia-smi says too much.'],
  ])('%s: is down', async (scenario, reason) => {
    expect(await look(join(FIXTURES, scenario))).toMatchObject({ isOk: false, reason });
  });

  it('is down where the tool is not installed', async () => {
    // Without the usual folders: a machine that runs this test may have the real one there.
    const finding = await look(join(FIXTURES, 'no-such-folder'), { tools: '/nowhere' });
    expect(finding).toMatchObject({
      isOk: false,
      reason: expect.stringContaining('nvidia-smi is not installed'),
    });
  });

  it('is down where the tool may not be run', async () => {
    const finding = await look(join(FIXTURES, 'not-executable'), { tools: '/nowhere' });
    expect(finding).toMatchObject({ isOk: false, reason: 'nvidia-smi cannot be started.' });
  });

  it('is down when one of two GPUs is missing from the list, and shows the other', async () => {
    const finding = await look(join(FIXTURES, 'healthy-l4'), { minCount: 2 });
    expect(finding).toMatchObject({
      isOk: false,
      reason: 'Only 1 of 2 GPUs are there.',
      data: { gpus: [{ index: 0 }] },
    });
  });

  it('keeps what the tool said for the log, not for the public', async () => {
    const finding = await look(join(FIXTURES, 'lost-handle'));
    const { cause, ...open } = finding as Finding & { cause: Error };
    expect(cause.message).toContain('0000:00:04.0');
    expect(JSON.stringify(open)).not.toContain('0000:00:04.0');
  });

  describe('a tool that hangs', () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'desk-ai-gpu-'));
      await copyFile(join(FIXTURES, 'hangs', 'nvidia-smi'), join(folder, 'nvidia-smi'));
      await chmod(join(folder, 'nvidia-smi'), 0o755);
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    const pid = (): Promise<number> =>
      eventually(
        async () => Number(await readFile(join(folder, 'pid'), 'utf8').catch(() => '0')),
        (value) => value > 0,
      );

    it('is killed at the time limit and counts as down', async () => {
      expect(await look(folder, { timeoutMs: 3_000 })).toMatchObject({
        isOk: false,
        reason: 'nvidia-smi did not answer within 3000 ms.',
      });
      const started = await pid();
      await eventually(async () => isGone(started), Boolean);
    });

    it('is killed when the service stops', async () => {
      const stop = new AbortController();
      const environment = { PATH: `${folder}:/usr/bin:/bin`, LC_ALL: 'C' };
      const check = gpuCheck({ check: 'nvidia-smi', timeoutMs: 60_000, minCount: 1, environment });
      const finding = check.run(stop.signal);
      const started = await pid();
      stop.abort();
      expect(await finding).toMatchObject({ isOk: false });
      await eventually(async () => isGone(started), Boolean);
    });

    it('is down although it had answered before it hung', async () => {
      const finding = await look(join(FIXTURES, 'answers-then-hangs'), { timeoutMs: 3_000 });
      expect(finding).toMatchObject({ isOk: false, reason: expect.stringContaining('3000 ms') });
    });
  });
});
