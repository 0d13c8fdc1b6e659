import { parseArgs } from 'node:util';

const HELP = `npm run bench:classify -- [options]

  --seconds N    length of each measurement (default 10; a warm-up of 2 s comes before)
  --skip-peers   leave the peers out (no Python, no npm install in the temp folder)
  --write        write the table into docs/performance.md
  --no-targets   exit with 0 although a target was missed
`;

/**
 * @typedef {object} Options
 * @property {number} seconds
 * @property {boolean} skipPeers
 * @property {boolean} write
 * @property {boolean} judge false: a missed target does not change the exit code
 */

/** @returns {Options} */
export const readOptions = () => {
  try {
    const { values } = parseArgs({
      options: {
        seconds: { type: 'string', default: '10' },
        'skip-peers': { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        'no-targets': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const seconds = Number(values.seconds);
    if (!(seconds >= 1 && seconds <= 600)) throw new Error('--seconds must be 1 to 600');
    if (!values.help) {
      const { write, 'skip-peers': skipPeers, 'no-targets': isUnjudged } = values;
      return { seconds, skipPeers, write, judge: !isUnjudged };
    }
  } catch (error) {
    process.stderr.write(`${error.message}\n\n${HELP}`);
    process.exit(2);
  }
  process.stdout.write(HELP);
  process.exit(0);
};
