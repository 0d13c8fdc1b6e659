import { isIPv6 } from 'node:net';

import { ConfigurationError } from '../../errors/errors.js';

interface HostEntry {
  readonly host: string;
  /** `*.example.com`: every name below example.com, not example.com itself. */
  readonly coversSubdomains: boolean;
  readonly port: number | undefined;
}

const ENTRY = /^(\*\.)?(\[[^\]]+\]|[^\s:/?#@\\*[\]]+)(?::(\d{1,5}))?$/;

const parseEntry = (text: string): HostEntry | undefined => {
  const [, wildcard, host, port] = ENTRY.exec(isIPv6(text) ? `[${text}]` : text) ?? [];
  if (host === undefined || !URL.canParse(`http://${host}`)) return undefined;
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return undefined;
  return {
    // The same normalisation as a requested address gets, so that both compare as text.
    host: toBareHost(new URL(`http://${host}`).hostname),
    coversSubdomains: wildcard !== undefined,
    port: port === undefined ? undefined : Number(port),
  };
};

/** A URL's host without the brackets of IPv6 and without the dot that ends a full name. */
export const toBareHost = (hostname: string): string =>
  hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');

/**
 * Hosts as an operator lists them: `host`, `host:port`, `*.example.com`, `[::1]:9000`.
 * @throws ConfigurationError naming every entry that cannot be understood
 */
export class HostList {
  private readonly entries: readonly HostEntry[];

  constructor(texts: readonly string[]) {
    const parsed = texts.map((text) => ({ text, entry: parseEntry(text.trim()) }));
    const faults = parsed.filter(({ entry }) => entry === undefined);
    if (faults.length > 0) {
      throw new ConfigurationError(
        faults.map(({ text }) => `"${text}" is not a host, host:port or *.host`),
      );
    }
    this.entries = parsed.flatMap(({ entry }) => entry ?? []);
  }

  /** Whether an entry names this host: on any port, or on exactly this one. */
  has(host: string, port: number): boolean {
    return this.find(host).some((entry) => entry.port === undefined || entry.port === port);
  }

  /** Whether an entry names this host together with this port. */
  hasPort(host: string, port: number): boolean {
    return this.find(host).some((entry) => entry.port === port);
  }

  private find(host: string): readonly HostEntry[] {
    return this.entries.filter((entry) =>
      entry.coversSubdomains ? host.endsWith(`.${entry.host}`) : host === entry.host,
    );
  }
}
