export interface S3Process {
  readonly url: string;
  /** Also its administrator's tool. */
  readonly binary: string;
  /** After `halt`: the same port and what was stored. */
  start(): Promise<void>;
  pid(): Promise<number>;
  /** As a crash: what is stored stays. */
  halt(): Promise<void>;
  /** For good, with all that was stored. */
  stop(): Promise<void>;
}

export declare const ACCESS_KEY: string;
export declare const SECRET_KEY: string;
export declare const BUCKET: string;
/** Undefined when there is one, else why there is none, for the title of skipped tests. */
export declare const whyNoS3Server: string | undefined;
export declare const startS3Server: () => Promise<S3Process>;
