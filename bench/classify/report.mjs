import { existsSync } from 'node:fs';
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

const newPage = () => `# Performance

How fast the desk classifier answers, measured by one command:

\`\`\`sh
npm run bench:classify              # prints the tables, exit code 1 when a target is missed
npm run bench:classify -- --write   # and writes them below
\`\`\`

## How to read it

**Raw limit** is the most that this machine can do: decode the photo, run the model, nothing else, on
every core. The bench tries processes and threads and takes the faster one. Everything else is a
share of it, so the numbers of two machines can be compared although their speeds differ.

**Our port** adds what the service needs to decide: checks, measures of darkness and blur, the queue and
the threads. **Our HTTP endpoint** adds a request, the download of the photo from a local server, and the
checks of a file from a stranger. The load generator and the photo server share the cores with
the endpoint, while the raw limit has them to itself.

- **in flight**: photos under way at any time. p50 and p99 grow with it, so compare latencies of rows with the same number only.
- **CPU ms/photo**: processor time of the row's own processes, all threads together. It depends little on what else the machine does; the row of the limit divided by another row is that row's share without any waiting.
- **desk**: what the row says about the first photo. It shows that all of them do the same work: small differences come from other decoders and resizers.
- Contenders take turns in three rounds, so slow changes of the machine hit all of them alike.
- A photo that leaves the classifier in doubt is decoded again and looked at five times more. Whether it does is an accident of the photo, and the
  raw limit and the peers know one look only: every row looks once, but for **in doubt**, where every photo is looked at twice.

Every photo is a variant of its own and the cache of verdicts is off. The photos are made from one picture of
a desk: scaled up with sensor noise for 12 MP, scaled down for 1024 px.

What is not compared: accuracy (see \`models/classify_cnn/README.md\`), other hardware, GPUs, TLS, a network that loses
packets. The peers do less than we do: they don't check addresses, file structure or sizes and don't measure darkness or blur.

## Results

${BEGIN}
${END}
`;

/** Puts the result between the markers of docs/performance.md. */
export const writePage = async (markdown) => {
  const page = existsSync(PERFORMANCE_PAGE) ? await readFile(PERFORMANCE_PAGE, 'utf8') : newPage();
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from === -1 || to < from) throw new Error(`${PERFORMANCE_PAGE} has lost its markers`);
  const text = `${page.slice(0, from + BEGIN.length)}\n\n${markdown}\n\n${page.slice(to)}`;
  await writeFile(PERFORMANCE_PAGE, text);
};
