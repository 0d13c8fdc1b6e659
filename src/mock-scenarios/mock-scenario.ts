/** Outcomes that a client can ask for, to build a screen for every one of them. */
export const MOCK_SCENARIOS = [
  'slow',
  'fail_after_classify',
  'no_products',
  'not_a_desk',
  'content_rejected',
  'provider_down',
] as const;

export type MockScenario = (typeof MOCK_SCENARIOS)[number];

export const MOCK_SCENARIO_HEADER = 'X-Mock-Scenario';

export const isMockScenario = (value: string): value is MockScenario =>
  (MOCK_SCENARIOS as readonly string[]).includes(value);
