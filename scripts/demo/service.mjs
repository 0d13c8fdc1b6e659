import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseEnv } from 'node:util';

import { freePort } from '../free-port.mjs';
import { DemoError } from './demo-error.mjs';

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 60_000;
/** The service lets running work finish this long; after the second one it is ended the hard way. */
const DRAIN_MS = 2_000;
const STOP_TIMEOUT_MS = 6_000;
const PORT_ATTEMPTS = 3;
const LOG_LINES = 8;

/** All that a process needs from the system. Settings of a real deployment must not reach the demo. */
const SYSTEM_VARIABLES =
  /^(PATH|HOME|USER|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|SYSTEMROOT|LD_LIBRARY_PATH|NODE_EXTRA_CA_CERTS)$/i;

/** The service as a child process: the one that `npm start` starts, with settings of its own. */
export class DemoService {
  #child;
  #log = [];

  /** @param {{ root: string, dataDir: string, openaiBaseUrl?: string }} options */
  constructor(options) {
    this.options = options;
    this.address = '';
  }

  /** @param {AbortSignal} signal */
  async start(signal) {
    const entry = join(this.options.root, 'dist', 'main.js');
    if (!existsSync(entry)) {
      throw new DemoError('The service is not built yet: run `npm run build` first.');
    }
    for (let attempt = 1; ; attempt += 1) {
      const port = await freePort();
      if (await this.#tryStart(entry, port, signal)) return;
      // Somebody else took the port between our look and the service's start.
      const wasTaken = this.#log.some((line) => line.includes('EADDRINUSE'));
      if (wasTaken && attempt < PORT_ATTEMPTS) continue;
      throw new DemoError('The service did not start.', { showLog: true });
    }
  }

  /** @returns {readonly string[]} the last lines, for a person to read */
  get lastLog() {
    return this.#log.slice(-LOG_LINES).map((line) => line.slice(0, 300));
  }

  get hasExited() {
    return !this.#child || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** It had started, and then ended without being asked to. */
  get hasCrashed() {
    return this.address !== '' && this.hasExited;
  }

  /** Resolves when the service has ended by itself or was stopped. */
  async ended() {
    if (!this.hasExited) await once(this.#child, 'exit');
  }

  /** Ends the service, whatever state it is in. May be called at any time, and again. */
  async stop() {
    if (this.hasExited) return;
    const child = this.#child;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  }

  /** For a process that is about to end and cannot wait. */
  kill() {
    if (!this.hasExited) this.#child.kill('SIGKILL');
  }

  async #tryStart(entry, port, signal) {
    this.#log = [];
    const address = `http://${HOST}:${port}`;
    this.#child = spawn(process.execPath, [entry], {
      cwd: this.options.root,
      env: this.#environment(port, address),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const listening = this.#watchLog();
    const exited = once(this.#child, 'exit').then(() => false);
    const timeout = AbortSignal.any([signal, AbortSignal.timeout(START_TIMEOUT_MS)]);
    const aborted = new Promise((_, reject) => {
      timeout.addEventListener('abort', () => reject(timeout.reason), { once: true });
    });
    try {
      if (!(await Promise.race([listening, exited, aborted]))) return false;
    } catch (cause) {
      if (signal.aborted) throw cause;
      const message = `The service did not start within ${START_TIMEOUT_MS / 1000} s.`;
      throw new DemoError(message, { showLog: true, cause });
    }
    this.address = address;
    return true;
  }

  /** @returns {Promise<true>} once the service says that it listens */
  #watchLog() {
    const { promise, resolve } = Promise.withResolvers();
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.#log.push(line);
        if (this.#log.length > 200) this.#log.shift();
        if (line.includes('"msg":"listening"')) resolve(true);
      });
    }
    return promise;
  }

  #environment(port, address) {
    const { root, dataDir, openaiBaseUrl } = this.options;
    const system = Object.entries(process.env).filter(([name]) => SYSTEM_VARIABLES.test(name));
    return {
      ...Object.fromEntries(system),
      ...blankDotEnv(root),
      NODE_ENV: 'development',
      HOST,
      PORT: String(port),
      PUBLIC_BASE_URL: address,
      DATA_DIR: dataDir,
      LOG_LEVEL: 'info',
      SHUTDOWN_TIMEOUT_MS: String(DRAIN_MS),
      CLASSIFY_FOLLOW_UP: 'none',
      ...(openaiBaseUrl && { OPENAI_BASE_URL: openaiBaseUrl, OPENAI_API_KEY: 'demo' }),
    };
  }
}

/** The service reads `.env` beside it; a blank variable wins over the file and means "not set". */
const blankDotEnv = (root) => {
  const path = join(root, '.env');
  if (!existsSync(path)) return {};
  const names = Object.keys(parseEnv(readFileSync(path, 'utf8')));
  return Object.fromEntries(names.map((name) => [name, '']));
};
