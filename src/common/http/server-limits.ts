import { type Server } from 'node:http';

/** Longest time for the headers of a request, in milliseconds. */
const MAX_HEADERS_MS = 15_000;

/** Node looks for late requests only this often; its default of 30 s would triple the limits. */
const checkEveryMs = (requestTimeoutMs: number): number =>
  Math.min(5_000, Math.max(250, requestTimeoutMs / 4));

export interface ServerLimits {
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly maxConnections: number;
}

/** What one connection may cost us. To be called before the server listens. */
export const limitServer = (server: Server, limits: ServerLimits): void => {
  server.requestTimeout = limits.requestTimeoutMs;
  server.headersTimeout = Math.min(limits.requestTimeoutMs, MAX_HEADERS_MS);
  server.keepAliveTimeout = limits.keepAliveTimeoutMs;
  server.maxConnections = limits.maxConnections;
  // Options of createServer that Nest does not pass on; Node reads these fields when it needs them.
  Object.assign(server, {
    connectionsCheckingInterval: checkEveryMs(limits.requestTimeoutMs),
    requireHostHeader: false,
  });
};
