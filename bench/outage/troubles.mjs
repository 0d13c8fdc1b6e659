import { readdirSync, readFileSync } from 'node:fs';

/** A process and its children. */
const familyOf = (pid) => {
  const isChild = (other) => {
    try {
      const stat = readFileSync(`/proc/${other}/stat`, 'utf8');
      // The name in brackets may hold spaces; the fields after it are state, parent, …
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
    } catch {
      return false;
    }
  };
  const others = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return [pid, ...others.map(Number).filter(isChild)];
};

const signal = (pids, name) => {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended meanwhile.
    }
  }
};

/** Connections are refused. */
const stop = (server) => ({ begin: () => server.halt('fast'), end: () => server.start() });

/** Connections are accepted by the kernel, and nobody ever answers: the harder case. */
const freeze = (server) => {
  let frozen = [];
  return {
    begin: async () => {
      frozen = familyOf(await server.pid());
      signal(frozen, 'SIGSTOP');
    },
    end: async () => signal(frozen, 'SIGCONT'),
  };
};

export const TROUBLES = { stop, freeze };
