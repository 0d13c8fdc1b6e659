import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from '@jest/globals';

import { type Fault } from './faults.js';

/** A row by its headings. */
type Row = Readonly<Record<string, string>>;

const PAGE = join(import.meta.dirname, '..', '..', '..', 'docs', 'providers.md');
const LIMIT = 'the time limit';

const cellsOf = (line: string): readonly string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** All tables of the page that tell of faults. */
const readRows = (): readonly Row[] => {
  const rows: Row[] = [];
  let headings: readonly string[] | undefined;
  for (const line of readFileSync(PAGE, 'utf8').split('\n')) {
    const cells = cellsOf(line);
    if (cells.length === 0) headings = undefined;
    else if (headings === undefined) headings = cells;
    else if (headings.includes('Fault') && !line.includes('---')) {
      rows.push(Object.fromEntries(headings.map((heading, at) => [heading, cells[at] ?? ''])));
    }
  }
  return rows;
};

const isOf = (row: Row, subject: string): boolean => {
  const { Provider: provider } = row;
  return provider === undefined || `${subject} `.startsWith(`${provider} `);
};

/** The image store has columns of its own. */
const columnFor = (subject: string, heading: string): string =>
  subject === 's3' ? `${heading}, S3` : heading;

/** What docs/providers.md says of this fault; undefined when it says nothing. */
export const findWritten = (subject: string, { name }: Fault): Row | undefined =>
  readRows().find((row) => row['Fault'] === name && isOf(row, subject));

/** What it would have to say. How many milliseconds an answer took is a measurement of one day. */
export const toRow = (subject: string, fault: Fault, requests: number): object => ({
  Fault: fault.name,
  Code: `\`${fault.code}\``,
  'Tried again': fault.isRetryable ? 'yes' : 'no',
  [columnFor(subject, 'Requests')]: fault.place ? 'none' : String(requests),
  [columnFor(subject, 'Time')]:
    fault.code === 'provider_timeout' ? LIMIT : expect.stringMatching(/^(?:up to )?[\d,]+ ms$/),
  Breaker: fault.code === 'content_rejected' ? 'stays closed' : 'counts it',
});
