import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { systemClock } from '../../../src/common/clock.js';
import { AppError } from '../../../src/common/errors/app-error.js';
import { ProviderBreaker } from '../../../src/providers/resilience/provider-breaker.js';
import { findWritten, toRow } from './fault-table.js';
import {
  CANARY,
  everythingIn,
  type Fault,
  FAULTS,
  type FaultyServer,
  startFaultyServer,
} from './faults.js';

export interface FaultSubject {
  readonly name: string;
  /** One call of the port against the base address, with this time limit. */
  readonly call: (baseUrl: string, timeoutMs: number) => Promise<unknown>;
  /** What must not show up anywhere. */
  readonly secrets: readonly string[];
  /** Where this provider rightly differs from the table. */
  readonly differs?: Readonly<Record<string, Partial<Fault>>>;
  /** Faults that mean nothing to it, with the reason in the name of the list. */
  readonly leavesOut?: readonly string[];
  /** Faults of its own. */
  readonly more?: readonly Fault[];
  /** Requests that one call makes. */
  readonly attempts?: (fault: Fault) => number;
}

/** Short only where it is waited for; else so long that a busy machine is no fault. */
const timeoutFor = ({ code }: Fault): number => (code === 'provider_timeout' ? 250 : 20_000);

/** Beyond the time limit of a call, for a machine that is busy. */
const LATE_MS = 10_000;

/**
 * The table of faults: our code, retryability, Retry-After, requests made, time spent, nothing leaked,
 * breaker state; and docs/providers.md says the same.
 */
export const describeFaults = (subject: FaultSubject): void => {
  const { call, secrets, differs = {}, leavesOut = [], more = [], attempts = () => 1 } = subject;
  const faults = [...FAULTS, ...more]
    .filter(({ name }) => !leavesOut.includes(name))
    .map((fault) => ({ ...fault, ...differs[fault.name] }));

  describe(`faults of ${subject.name}`, () => {
    let server: FaultyServer;

    beforeAll(async () => {
      server = await startFaultyServer();
    });

    afterAll(() => server.close());

    it.each(faults)('$name: $code', async (fault) => {
      const breaker = new ProviderBreaker('p', { failures: 2, openMs: 60_000 }, systemClock);
      const run = (): Promise<unknown> =>
        breaker
          .run('call', () => call(server.baseFor(fault), timeoutFor(fault)))
          .then(
            (value: unknown) => new Error(`No failure, but ${typeof value}`),
            (error: unknown) => error,
          );
      server.show(fault);
      const startedAt = performance.now();
      const error = await run();
      const spentMs = performance.now() - startedAt;

      expect(error).toBeInstanceOf(AppError);
      const { code, retryable, retryAfterMs } = error as AppError;
      expect({ code, retryable, retryAfterMs }).toEqual({
        code: fault.code,
        retryable: fault.isRetryable,
        retryAfterMs: fault.retryAfterMs,
      });
      const told = everythingIn(error);
      for (const secret of [...secrets, CANARY, '127.0.0.1', 'no-such-host']) {
        expect(told).not.toContain(secret);
      }
      expect(server.requests).toHaveLength(fault.place ? 0 : attempts(fault));
      // One limit for all tries together; without a hang nothing is waited for.
      const isHang = fault.code === 'provider_timeout';
      expect(spentMs).toBeGreaterThanOrEqual(isHang ? timeoutFor(fault) - 5 : 0);
      expect(spentMs).toBeLessThan(isHang ? timeoutFor(fault) + LATE_MS : LATE_MS);
      const row = toRow(subject.name, fault, attempts(fault));
      expect(findWritten(subject.name, fault)).toMatchObject(row);

      await run();
      const isRefusal = fault.code === 'content_rejected';
      expect(breaker.state().state).toBe(isRefusal ? 'closed' : 'open');
      if (isRefusal) return;
      const before = server.requests.length;
      expect(await run()).toMatchObject({
        code: 'provider_unavailable',
        retryAfterMs: expect.any(Number),
      });
      expect(server.requests).toHaveLength(before);
    });
  });
};
