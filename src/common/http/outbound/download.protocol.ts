import { type DownloadOptions, type GuardedHttpClientOptions } from './guarded-client.js';
import { type OutboundErrorKind, type OutboundErrorOptions } from './outbound-error.js';

/** What the client in the thread is made of; functions cannot be sent there. */
export type DownloadThreadSetup = Omit<GuardedHttpClientOptions, 'resolve' | 'clock'>;

export type DownloadRequest =
  | {
      readonly kind: 'download';
      readonly id: number;
      readonly url: string;
      readonly options: Omit<DownloadOptions, 'signal'>;
    }
  | { readonly kind: 'abort'; readonly id: number };

/** An OutboundError without its class, which does not survive the way between threads. */
export interface OutboundErrorParts {
  readonly kind: OutboundErrorKind;
  readonly message: string;
  readonly options: OutboundErrorOptions;
}

export type DownloadReply =
  | { readonly kind: 'done'; readonly id: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'failed'; readonly id: number; readonly error: OutboundErrorParts };
