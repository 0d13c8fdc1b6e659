/** Messages between the pool and its threads. */
export interface WorkerSetup {
  readonly modelPath: string;
  readonly inputName: string;
  readonly intraOpThreads: number;
  /** Of the thread, 0 to 19. */
  readonly nice: number;
}

export type WorkerRequest =
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly data: Uint8Array | Float32Array;
      readonly dims: readonly number[];
    }
  | { readonly kind: 'close' };

export type WorkerReply =
  | {
      readonly kind: 'ready';
      readonly inputNames: readonly string[];
      readonly outputNames: readonly string[];
    }
  | {
      readonly kind: 'result';
      readonly id: number;
      readonly outputs: Readonly<Record<string, Float32Array>>;
    }
  | { readonly kind: 'failure'; readonly id: number; readonly message: string };
