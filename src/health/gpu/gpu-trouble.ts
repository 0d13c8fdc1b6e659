export interface GpuDetails {
  readonly index: number;
  readonly name: string;
  /** Null where the GPU is cut into MIG slices and has no number of its own. */
  readonly utilization_percent: number | null;
  readonly memory_used_mb: number;
  readonly memory_total_mb: number;
  readonly temperature_c: number;
}

/** The GPU cannot be relied on. The message is public; what the tool said is the cause, for the log. */
export class GpuTrouble extends Error {
  readonly details: readonly GpuDetails[];

  constructor(
    message: string,
    options: { readonly details?: readonly GpuDetails[]; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.details = options.details ?? [];
  }
}
