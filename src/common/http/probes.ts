const PROBES = /^\/(?:app\/routers\/)?(?:health|healthcheck|health\/live|metrics)\/?$/;

/** Probes and scrapes come every few seconds for ever: a line or a span for each would bury everything else. */
export const isProbe = (path: string): boolean => PROBES.test(path);
