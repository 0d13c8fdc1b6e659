export const TRACING = Symbol('TRACING');

/** Records spans from what the service tells over its diagnostics channels, and sends them. */
export interface Tracing {
  start(): void;
  /** Sends what is left, for as long as that is reasonable at a shutdown. */
  stop(): Promise<void>;
}

/** Costs nothing: no SDK is loaded, no channel is watched. */
export const NO_TRACING: Tracing = {
  start: () => undefined,
  stop: () => Promise.resolve(),
};
