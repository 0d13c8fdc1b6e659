import { type GpuDetails, GpuTrouble } from './gpu-trouble.js';

/**
 * Fields that drivers from 450 on know; one unknown name makes the whole query fail. XIDs cannot be
 * queried: their traces are a lost GPU (79), a tool that hangs or cannot reach the driver (119, 120),
 * uncorrectable ECC errors (48, 94, 95) and pages that wait for retirement (63, 64).
 */
export const GPU_FIELDS = [
  'index',
  'uuid',
  'name',
  'mig.mode.current',
  'utilization.gpu',
  'memory.used',
  'memory.total',
  'temperature.gpu',
  'ecc.errors.uncorrected.volatile.total',
  'retired_pages.pending',
] as const;

type Field = (typeof GPU_FIELDS)[number];
type Row = Readonly<Record<Field, string>>;

export interface Gpu {
  readonly details: GpuDetails;
  readonly uncorrectedErrors: number;
  readonly hasPendingPages: boolean;
}

/** GPUs without ECC or MIG say so in one of these ways. */
const NOT_APPLICABLE = new Set(['[N/A]', 'N/A', '[Not Supported]']);
const LOST = /lost|requires reset|unknown error|err!/i;
const UUID = /^GPU-[0-9a-f-]{8,}$/i;

/** @throws GpuTrouble for every line that is not exactly what was asked for */
export const parseGpus = (output: string): readonly Gpu[] => {
  const lines = output.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.some((line) => /no devices were found/i.test(line))) return [];
  const gpus = lines.map((line) => toGpu(toRow(line)));
  const indexes = new Set(gpus.map(({ details }) => details.index));
  if (indexes.size !== gpus.length) throw unreadable('the same index twice');
  return gpus;
};

const toRow = (line: string): Row => {
  const values = line.split(',').map((value) => value.trim());
  if (values.length !== GPU_FIELDS.length) {
    // A dead GPU is reported in a sentence between the rows of the others.
    throw LOST.test(line) ? lost(line) : unreadable(line);
  }
  return Object.fromEntries(GPU_FIELDS.map((field, i) => [field, values[i] ?? ''])) as Row;
};

const toGpu = (row: Row): Gpu => {
  const broken = GPU_FIELDS.find((field) => LOST.test(row[field]));
  if (broken) throw lost(`${broken}: ${row[broken]}`);
  if (!UUID.test(row.uuid) || row.name === '' || NOT_APPLICABLE.has(row.name)) {
    throw unreadable(`uuid ${row.uuid}, name ${row.name}`);
  }
  const isSliced = row['mig.mode.current'] === 'Enabled';
  return {
    details: {
      index: toNumber(row, 'index', 1_023),
      name: row.name,
      utilization_percent:
        isSliced && NOT_APPLICABLE.has(row['utilization.gpu'])
          ? null
          : toNumber(row, 'utilization.gpu', 100),
      memory_used_mb: toNumber(row, 'memory.used', 10_000_000),
      memory_total_mb: toNumber(row, 'memory.total', 10_000_000, 1),
      temperature_c: toNumber(row, 'temperature.gpu', 200),
    },
    uncorrectedErrors: toCount(row, 'ecc.errors.uncorrected.volatile.total'),
    hasPendingPages: toFlag(row, 'retired_pages.pending'),
  };
};

/** A value that every working GPU has: [N/A] here is an illness. */
const toNumber = (row: Row, field: Field, max: number, min = 0): number => {
  const text = row[field];
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (NOT_APPLICABLE.has(text)) throw lost(`${field}: ${text}`);
  if (!(value >= min && value <= max)) throw unreadable(`${field}: ${text}`);
  return value;
};

const toCount = (row: Row, field: Field): number =>
  NOT_APPLICABLE.has(row[field]) ? 0 : toNumber(row, field, 999_999_999);

const toFlag = (row: Row, field: Field): boolean => {
  const text = row[field];
  if (text === 'Yes') return true;
  if (text === 'No' || NOT_APPLICABLE.has(text)) return false;
  throw unreadable(`${field}: ${text}`);
};

const lost = (said: string): GpuTrouble =>
  new GpuTrouble('A GPU is lost or does not report its state.', { cause: new Error(said) });

const unreadable = (said: string): GpuTrouble =>
  new GpuTrouble('The answer of nvidia-smi could not be understood.', {
    cause: new Error(said.slice(0, 500)),
  });
