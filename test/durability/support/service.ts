import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { freePort } from '../../../scripts/free-port.mjs';
import { eventually } from '../../support/http.js';

/** Another build may be named, for long runs beside other work. */
const MAIN =
  process.env['DURABILITY_MAIN'] ?? join(import.meta.dirname, '..', '..', '..', 'dist', 'main.js');
const START_MS = 90_000;

export interface LogLine {
  readonly time: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** The built service as a process of its own, to be killed, paused and started again. */
export class ServiceProcess {
  readonly lines: LogLine[] = [];
  readonly text: string[] = [];
  private child: ChildProcess | undefined;

  private constructor(
    readonly url: string,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  /** Nothing is started yet. */
  static async create(settings: Readonly<Record<string, string>>): Promise<ServiceProcess> {
    const port = String(await freePort());
    const url = `http://127.0.0.1:${port}`;
    return new ServiceProcess(url, {
      NODE_ENV: 'test',
      HOST: '127.0.0.1',
      PORT: port,
      PUBLIC_BASE_URL: url,
      CLASSIFIER_THREADS: '1',
      // Whether a small marked picture is a desk is not the question here.
      CLASSIFIER_THRESHOLD: '0',
      TASK_BACKOFF_MS: '50',
      AUTH: 'off',
      ...settings,
    });
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [MAIN], {
      env: { PATH: process.env['PATH'], ...this.settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => this.keep(line));
    }
    const isUp = (): Promise<boolean> =>
      fetch(`${this.url}/health/live`).then(
        (response) => response.ok,
        () => false,
      );
    await eventually(
      async () => !this.isRunning || (await isUp()),
      (isOver) => isOver,
      START_MS,
    );
    if (!this.isRunning) throw new Error(this.text.slice(-20).join('\n'));
  }

  get isRunning(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
    const { child } = this;
    if (!child || !this.isRunning) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** When the service first said so after `since`. */
  loggedAt(since: number, isIt: (line: LogLine) => boolean): number | undefined {
    const line = this.lines.find((one) => Date.parse(one.time) >= since && isIt(one));
    return line && Date.parse(line.time);
  }

  private keep(line: string): void {
    this.text.push(line);
    try {
      this.lines.push(JSON.parse(line) as LogLine);
    } catch {
      // A stack or a sentence on standard error.
    }
  }
}
