import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How long a child may take to end after SIGTERM, in milliseconds. */
const GRACE_MS = 10_000;
/** Kernel ticks of /proc/<pid>/stat, in milliseconds (USER_HZ is 100 on every Linux Node runs on). */
const TICK_MS = 10;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/** A child leads a process group of its own, so that its own children end and are counted with it. */
const signal = (child, name) => {
  try {
    process.kill(-child.pid, name);
  } catch {
    // It has ended by itself.
  }
};

const track = (child) => {
  if (child.pid === undefined) return child;
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
};

const killAll = () => {
  for (const child of running) signal(child, 'SIGKILL');
};

process.once('exit', killAll);
for (const [name, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
]) {
  process.once(name, () => process.exit(code));
}

/** Starts a program in a process group of its own; it is killed when the bench ends. */
export const startProgram = (command, args, options) =>
  track(
    spawn(command, args, { detached: true, stdio: ['ignore', 'ignore', 'inherit'], ...options }),
  );

/** @param {import('node:child_process').ChildProcess} child */
export const stopProgram = async (child) => {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  const timer = setTimeout(() => signal(child, 'SIGKILL'), GRACE_MS);
  signal(child, 'SIGTERM');
  await exited;
  clearTimeout(timer);
  // Whatever it left behind in its group.
  signal(child, 'SIGKILL');
};

/** Runs a program to its end. @returns {Promise<string>} its standard output */
export const runProgram = async (command, args, options = {}) => {
  const child = startProgram(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let output = '';
  let complaint = '';
  child.stdout.on('data', (data) => (output += data));
  child.stderr.on('data', (data) => (complaint += data));
  const [code] = await once(child, 'close');
  if (code === 0) return output;
  const lines = complaint.trim().split('\n').slice(-3).join(' / ');
  throw new Error(`${command} ${args.slice(0, 3).join(' ')} failed (${code}): ${lines}`);
};

/**
 * Starts a module of this folder that answers requests over IPC (see `child-protocol.mjs`).
 *
 * @param {string} file
 * @param {object} setup handed to the child's `start`
 * @param {NodeJS.ProcessEnv} [env]
 */
export const startLoopChild = async (file, setup, env = process.env) => {
  const child = track(
    fork(join(import.meta.dirname, file), { detached: true, env, serialization: 'advanced' }),
  );
  const waiting = new Map();
  let lastId = 0;
  child.on('message', ({ id, value, error }) => {
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (error === undefined) resolve?.(value);
    else reject?.(new Error(`${file}: ${error}`));
  });
  child.once('exit', (code, name) => {
    for (const { reject } of waiting.values()) reject(new Error(`${file} ended: ${code ?? name}`));
  });
  const ask = (operation, argument) =>
    new Promise((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      child.send({ id: lastId, operation, argument });
    });
  const ready = await ask('start', setup);
  const stop = async () => {
    const exited = once(child, 'exit');
    // A child without its parent ends at once, also when the parent was killed.
    child.disconnect();
    await exited;
  };
  return { pid: child.pid, ready, ask, stop };
};

/** CPU time that the process groups of these leaders have used so far, in milliseconds. */
export const cpuMsOf = (leaders) => {
  const wanted = new Set(leaders.map(String));
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The name in brackets may hold spaces; fields after it are state, parent, group, …
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (wanted.has(fields[2])) ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // The process ended while we were reading.
    }
  }
  return ticks * TICK_MS;
};

/** Resident memory of one process in MB (10^6 bytes). */
export const rssMbOf = (pid) => {
  const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kib) * 1_024) / 1e6;
};
