import { readFile, writeFile } from 'node:fs/promises';

import { PERFORMANCE_PAGE } from './paths.mjs';
import { toTable } from './stats.mjs';
import { ratioOf } from './targets.mjs';

const BEGIN = '<!-- bench:classify -->';
const END = '<!-- /bench:classify -->';
const HEAD = [
  '',
  'in flight',
  'photos/s',
  'of the limit',
  'p50 ms',
  'p99 ms',
  'CPU ms/photo',
  'desk',
];

const kindTable = (measured) =>
  toTable(
    HEAD,
    measured.map((one) => [
      one.contender.name,
      String(one.contender.inFlight),
      one.perSecond.toFixed(1),
      `${(100 * ratioOf(measured, one)).toFixed(0)} %`,
      toMs(one.p50Ms),
      toMs(one.p99Ms),
      one.cpuMs.toFixed(1),
      one.confidence.toFixed(3),
    ]),
  );

const machineLine = ({ machine, model, seconds }) =>
  `${machine.date}, ${machine.cores} cores (${machine.cpu}), Node ${machine.node}, ` +
  `model ${model}, ${seconds} s for each number. Load of the machine before the run: ` +
  `${machine.load.toFixed(1)}${machine.isBusy ? ' – **it was busy with other work: that hurts rows with many threads more than the bare loop, so trust the CPU column only**' : ''}.`;

/** A refusal is no failure, but a reader has to know that the load was more than was taken on. */
const refusalLine = (results) => {
  const refused = Object.values(results)
    .flat()
    .reduce((sum, one) => sum + one.refused, 0);
  return refused === 0
    ? 'No request was refused.'
    : `${refused} requests were answered with 503 and sent again; they count neither as photos nor in the times.`;
};

const toMs = (value) => (Number.isNaN(value) ? 'none' : value.toFixed(0));

/** The whole result as Markdown; the same text is printed and written. */
export const toMarkdown = (run) => {
  const { photos, results, targets, memory, health, tools, missing } = run;
  const sections = Object.entries(results).map(([kind, measured]) => {
    const { title, meanBytes, files } = photos[kind];
    const size = `${(meanBytes / 1e6).toFixed(1)} MB, ${files.length} variants`;
    return `### ${title} (${size})\n\n${kindTable(measured)}`;
  });
  const legend = Object.values(results)[0].map(
    ({ contender }) => `- **${contender.name}**: ${contender.note}`,
  );
  const targetTable = toTable(
    ['Target of issue 3', 'wanted', 'measured', ''],
    targets.map(({ name, wanted, value, isReached }) => [
      name,
      wanted,
      value,
      isReached ? 'ok' : 'missed',
    ]),
  );
  return [
    machineLine(run),
    ...sections,
    refusalLine(results),
    [...legend, ...missing.map((sentence) => `- ${sentence}`)].join('\n'),
    `Memory of the service with two classifier threads: ${memory.idleMb.toFixed(0)} MB idle, ` +
      `${memory.highestMb.toFixed(0)} MB at most, ${memory.afterMb.toFixed(0)} MB after the run. ` +
      `\`GET /health\` under saturation: p50 ${health.p50Ms.toFixed(1)} ms, p99 ${health.p99Ms.toFixed(1)} ms ` +
      `(${health.count} probes, one every 20 ms).`,
    `The load generator sends ${tools.generatorPerSecond.toFixed(0)} requests/s to a server that does nothing. ` +
      `With the endpoint saturated by 12 MP photos it used ${(100 * tools.generatorShare).toFixed(1)} % of a core ` +
      `and the photo server ${(100 * tools.photoServerShare).toFixed(1)} %; the generator's event loop was late ` +
      `by ${tools.delayP99Ms.toFixed(1)} ms at p99.`,
    targetTable,
  ].join('\n\n');
};

/** Puts the result between the markers of docs/performance.md. */
export const writePage = async (markdown) => {
  const page = await readFile(PERFORMANCE_PAGE, 'utf8');
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from === -1 || to < from) throw new Error(`${PERFORMANCE_PAGE} has lost its markers`);
  const text = `${page.slice(0, from + BEGIN.length)}\n\n${markdown}\n\n${page.slice(to)}`;
  await writeFile(PERFORMANCE_PAGE, text);
};
