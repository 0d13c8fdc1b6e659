import { setImmediate as turnOfTheLoop } from 'node:timers/promises';

import { afterEach, describe, expect, it } from '@jest/globals';

import { failed, type Finding, type HealthCheck, ok } from '../../src/health/health-check.js';
import { type CheckState, ScheduledCheck } from '../../src/health/scheduled-check.js';
import { eventually } from '../support/http.js';

const STALE_MS = 15_000;

/** Answers only when the test says so. */
class ControlledCheck implements HealthCheck {
  readonly name = 'controlled';
  readonly asked: PromiseWithResolvers<Finding>[] = [];

  constructor(
    readonly scope: HealthCheck['scope'],
    readonly whenLate: HealthCheck['whenLate'],
    readonly timeoutMs = 20,
  ) {}

  run(): Promise<Finding> {
    const answer = Promise.withResolvers<Finding>();
    this.asked.push(answer);
    return answer.promise;
  }

  answer(run: number, finding: Finding): void {
    this.asked[run]?.resolve(finding);
  }
}

describe(ScheduledCheck.name, () => {
  let clock = 0;
  const started: ScheduledCheck[] = [];
  const told: CheckState[] = [];

  const schedule = (check: HealthCheck, intervalMs = 10): ScheduledCheck => {
    const one = new ScheduledCheck(
      check,
      { intervalMs, staleMs: STALE_MS },
      (_check, state) => told.push(state),
      () => clock,
    );
    started.push(one);
    return one;
  };

  afterEach(() => {
    for (const one of started.splice(0)) one.stop();
    told.splice(0);
    clock = 0;
  });

  it.each(['instance', 'shared'] as const)(
    'is down before the first result, also for what is %s: a start is not ready',
    (scope) => {
      expect(schedule(new ControlledCheck(scope, 'failure')).state()).toMatchObject({
        status: 'down',
        reason: 'This has not been checked yet.',
        checkedAt: null,
      });
    },
  );

  it.each([
    ['instance', ok({ free: 1 }), 'up'],
    ['instance', failed('Broken.', { free: 1 }), 'down'],
    ['shared', ok({ free: 1 }), 'up'],
    ['shared', failed('Broken.', { free: 1 }), 'degraded'],
  ] as const)('%s with %j is %s', async (scope, finding, status) => {
    const check = new ControlledCheck(scope, 'failure', 20_000);
    const one = schedule(check);
    const run = one.run();
    check.answer(0, finding);
    await run;
    expect(one.state()).toMatchObject({
      status,
      reason: finding.isOk ? null : 'Broken.',
      data: { free: 1 },
    });
  });

  it('counts a check that throws as failed, and keeps its words to itself', async () => {
    const one = schedule({
      name: 'throws',
      scope: 'instance',
      whenLate: 'failure',
      timeoutMs: 20_000,
      run: () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.7:5432')),
    });
    await one.run();
    const state = one.state();
    expect(state).toMatchObject({
      status: 'down',
      reason: 'The check could not be carried out.',
    });
    expect(JSON.stringify(state)).not.toContain('10.0.0.7');
  });

  it.each([
    ['instance', 'down'],
    ['shared', 'degraded'],
  ] as const)('a hanging dependency that is %s makes it %s', async (scope, status) => {
    const check = new ControlledCheck(scope, 'failure');
    const one = schedule(check);
    await one.run();
    expect(check.asked).toHaveLength(1);
    expect(one.state()).toMatchObject({ status, reason: 'No answer within 20 ms.' });
  });

  it('stays up while a busy process is late, until the last result is stale', async () => {
    const check = new ControlledCheck('instance', 'busy');
    const one = schedule(check);
    const first = one.run();
    check.answer(0, ok());
    await first;
    await one.run();
    expect(one.state().status).toBe('up');
    clock += STALE_MS;
    expect(one.state().status).toBe('up');
    clock += 1;
    expect(one.state()).toMatchObject({
      status: 'down',
      reason: 'There has been no result for 15 s.',
    });
  });

  it('takes a late answer of a busy process', async () => {
    const check = new ControlledCheck('instance', 'busy');
    const one = schedule(check);
    await one.run();
    expect(one.state().status).toBe('down');
    check.answer(0, ok());
    await turnOfTheLoop();
    expect(one.state().status).toBe('up');
  });

  it('does not let a late answer replace a newer one', async () => {
    const check = new ControlledCheck('instance', 'failure');
    const one = schedule(check);
    await one.run();
    const second = one.run();
    check.answer(1, failed('Newer.'));
    await second;
    check.answer(0, ok());
    await turnOfTheLoop();
    expect(one.state().reason).toBe('Newer.');
  });

  it('does not call an answer late that came while the event loop was blocked', async () => {
    let blocked = 0;
    const one = schedule({
      name: 'blocked',
      scope: 'instance',
      whenLate: 'failure',
      timeoutMs: 20,
      run: async () => {
        // The answer is there in the very turn in which the time limit fires, but behind it.
        setImmediate(() => {
          const until = performance.now() + 60;
          while (performance.now() < until) blocked += 1;
          setImmediate(() => answer.resolve(ok()));
        });
        const answer = Promise.withResolvers<Finding>();
        return answer.promise;
      },
    });
    await one.run();
    expect(blocked).toBeGreaterThan(0);
    expect(one.state().status).toBe('up');
  });

  it('does not pile up runs that hang, and goes on when one of them comes back', async () => {
    const check = new ControlledCheck('shared', 'failure', 5);
    void schedule(check, 1).start();
    await eventually(
      async () => check.asked.length,
      (count) => count === 2,
    );
    // Many intervals later there are still two.
    for (let turns = 0; turns < 20; turns += 1) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(check.asked).toHaveLength(2);
    check.answer(0, ok());
    await eventually(
      async () => check.asked.length,
      (count) => count === 3,
    );
  });

  it('tells nothing after it was stopped', async () => {
    const check = new ControlledCheck('instance', 'failure', 20_000);
    const one = schedule(check);
    const run = one.run();
    one.stop();
    check.answer(0, ok());
    await run;
    expect(told).toEqual([]);
  });
});
