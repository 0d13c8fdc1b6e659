/** A TCP port of the loopback address that nobody listens on now. */
export declare const freePort: () => Promise<number>;
