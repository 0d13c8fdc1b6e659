/** `npm run demo`: see scripts/demo/options.mjs for its options, or run it with --help. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { DemoError, EXIT } from './demo/demo-error.mjs';
import { HELP, parseOptions } from './demo/options.mjs';
import { runDemo } from './demo/run-demo.mjs';
import { Terminal } from './demo/terminal.mjs';

const root = dirname(import.meta.dirname ?? dirname(fileURLToPath(import.meta.url)));
const terminal = new Terminal(process.stdout, process.env);
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => interruption.abort());
}
// Whoever reads our output may leave early (`npm run demo | head`); the service is still stopped.
process.stdout.on('error', () => interruption.abort());

/** @returns {Promise<number>} exit code */
const main = async () => {
  // npm changes to the package's folder; the user's relative paths start where they called npm.
  const cwd = process.env.INIT_CWD ?? process.cwd();
  const options = parseOptions(process.argv.slice(2), { root, cwd });
  if (options.help) {
    terminal.line(HELP);
    return EXIT.ok;
  }
  await runDemo(options, { root, terminal, signal: interruption.signal });
  return EXIT.ok;
};

/** @param {unknown} error @returns {number} exit code */
const explain = (error) => {
  if (interruption.signal.aborted) {
    process.stderr.write('\nInterrupted.\n');
    return EXIT.interrupted;
  }
  if (!(error instanceof DemoError)) {
    process.stderr.write(`\nThe demo itself failed: ${error?.stack ?? error}\n`);
    return EXIT.error;
  }
  process.stderr.write(`\n${error.message}\n${error.korean ? `${error.korean}\n` : ''}`);
  return error.exitCode;
};

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = explain(error);
}
