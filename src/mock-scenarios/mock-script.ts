import { setTimeout as sleep } from 'node:timers/promises';

import { type AppError } from '../common/errors/app-error.js';
import { ProviderError, RefusedError } from '../common/errors/errors.js';
import { type MockScenario } from './mock-scenario.js';

/** What happens before a provider does its work: nothing, a pause, or a failure instead. */
export type Cue = (signal?: AbortSignal) => Promise<void>;

/** How each provider acts in one scenario. */
export interface MockScript {
  /** The verdict on every photo, whatever it shows. */
  readonly isDesk: boolean;
  readonly classify: Cue;
  /** The same, for the route that answers with the verdict alone. */
  readonly classifyRoute: Cue;
  readonly write: Cue;
  /** The same, for tasks that end with the prompt. */
  readonly writeOnly: Cue;
  readonly draw: Cue;
  readonly findsProducts: boolean;
}

/** Parts of `MOCK_SLOW_SECONDS`; the classifier looks twice, at the photo and at the picture. */
const SLOW_SHARES = { classify: 0.1, write: 0.2, draw: 0.6 };
const RETRY_AFTER_MS = 1_000;

const atOnce: Cue = () => Promise.resolve();

const pause =
  (ms: number): Cue =>
  async (signal) => {
    await sleep(ms, undefined, { signal });
  };

const failWith =
  (createError: () => AppError): Cue =>
  () =>
    Promise.reject(createError());

const WELL: MockScript = {
  isDesk: true,
  classify: atOnce,
  classifyRoute: atOnce,
  write: atOnce,
  writeOnly: atOnce,
  draw: atOnce,
  findsProducts: true,
};

const playSlow = (slowMs: number): MockScript => {
  const classify = pause(slowMs * SLOW_SHARES.classify);
  const write = pause(slowMs * SLOW_SHARES.write);
  const draw = pause(slowMs * SLOW_SHARES.draw);
  return { ...WELL, classify, classifyRoute: classify, write, writeOnly: write, draw };
};

const failAfterClassify = failWith(
  () =>
    new ProviderError('provider_failed', 'Mock scenario: the prompt writer answered nonsense.', {
      provider: 'mock',
      operation: 'write_prompt',
      messageKo: '모의 시나리오: 프롬프트 작성기가 쓸 수 없는 답을 보냈습니다.',
    }),
);

const rejectContent = failWith(
  () =>
    new RefusedError('content_rejected', 'Mock scenario: the content policy refused this photo.', {
      messageKo: '모의 시나리오: 콘텐츠 정책에 따라 사진이 거절되었습니다.',
    }),
);

/** Transient, so a task tries again before it gives up: `retry` events and all. */
const beDown = failWith(
  () =>
    new ProviderError('provider_unavailable', 'Mock scenario: the provider does not answer.', {
      provider: 'mock',
      operation: 'call',
      retryAfterMs: RETRY_AFTER_MS,
      messageKo: '모의 시나리오: 제공자가 응답하지 않습니다.',
    }),
);

/** @param slowMs what `slow` adds to a task in all */
export const createMockScripts = (slowMs: number): Readonly<Record<MockScenario, MockScript>> => ({
  slow: playSlow(slowMs),
  fail_after_classify: { ...WELL, write: failAfterClassify, writeOnly: failAfterClassify },
  no_products: { ...WELL, findsProducts: false },
  not_a_desk: { ...WELL, isDesk: false },
  content_rejected: { ...WELL, writeOnly: rejectContent, draw: rejectContent },
  provider_down: { ...WELL, classifyRoute: beDown, writeOnly: beDown, draw: beDown },
});
