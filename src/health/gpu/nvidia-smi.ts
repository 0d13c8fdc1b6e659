import { type ChildProcess, spawn } from 'node:child_process';

import { hasCode } from '../../common/errors/system-error.js';
import { GpuTrouble } from './gpu-trouble.js';

export interface NvidiaSmiOptions {
  readonly timeoutMs: number;
  /** With the PATH in which the tool is looked for. */
  readonly environment: Readonly<Record<string, string>>;
}

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const MAX_OUTPUT_CHARACTERS = 65_536;

/** What the tool says when it fails, and what that means; the first match counts. */
const MEANINGS: readonly (readonly [said: RegExp, message: string])[] = [
  [/version mismatch/i, 'The NVIDIA driver was updated under the running kernel: reboot.'],
  [
    /couldn't communicate with the nvidia driver|driver\/?\s?not loaded/i,
    'The NVIDIA driver is not running.',
  ],
  [/lost|fallen off|unable to determine the device handle/i, 'A GPU is lost: reset it or reboot.'],
  [
    /failed to initialize nvml/i,
    'The NVIDIA driver cannot be reached from this process or container.',
  ],
  [/no devices were found/i, 'There is no GPU.'],
  [/not a valid field/i, 'The NVIDIA driver is too old for the fields of this check.'],
];

/** Runs `nvidia-smi`, which may be missing, fail, lie or hang in the kernel for good. */
export class NvidiaSmi {
  private child: ChildProcess | undefined;

  constructor(private readonly options: NvidiaSmiOptions) {}

  /** @throws GpuTrouble */
  async query(fields: readonly string[], signal: AbortSignal): Promise<string> {
    if (this.child) throw new GpuTrouble('nvidia-smi hangs and cannot be ended.');
    const { code, stdout, stderr } = await this.run(
      [`--query-gpu=${fields.join(',')}`, '--format=csv,noheader,nounits'],
      signal,
    );
    if (code === 0) return stdout;
    const said = `${stdout}\n${stderr}`.trim().slice(0, 1_000);
    const meaning = MEANINGS.find(([pattern]) => pattern.test(said));
    throw new GpuTrouble(meaning?.[1] ?? 'nvidia-smi failed.', {
      cause: new Error(`exit code ${code}: ${said}`),
    });
  }

  private run(parameters: readonly string[], signal: AbortSignal): Promise<Outcome> {
    const child = spawn('nvidia-smi', parameters, {
      env: this.options.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    this.child = child;
    const forget = (): void => {
      this.child = undefined;
    };
    child.once('exit', forget);
    child.once('error', forget);
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    const giveUp = (message: string): void => {
      abandon(child);
      reject(new GpuTrouble(message));
    };
    const { timeoutMs } = this.options;
    const timer = setTimeout(
      () => giveUp(`nvidia-smi did not answer within ${timeoutMs} ms.`),
      timeoutMs,
    );
    timer.unref();
    const onAbort = (): void => giveUp('The check was stopped.');
    signal.addEventListener('abort', onAbort, { once: true });
    const output = collect(child, () => giveUp('nvidia-smi says too much.'));
    child.once('error', (error) => reject(toStartTrouble(error)));
    child.once('close', (code) => resolve({ code, ...output }));
    return promise.finally(() => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    });
  }
}

/** A process that is stuck in the driver does not even die: it is left behind and holds nobody up. */
const abandon = (child: ChildProcess): void => {
  child.kill('SIGKILL');
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
};

const collect = (
  child: ChildProcess,
  onTooMuch: () => void,
): { readonly stdout: string; readonly stderr: string } => {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      if (output[name].length > MAX_OUTPUT_CHARACTERS) onTooMuch();
    });
  }
  return output;
};

const toStartTrouble = (error: unknown): GpuTrouble =>
  new GpuTrouble(
    hasCode(error, 'ENOENT')
      ? 'nvidia-smi is not installed: there is no NVIDIA driver on this machine or in this container.'
      : 'nvidia-smi cannot be started.',
    { cause: error },
  );
