import { type Classification } from './generation.js';

const SENTENCES: Readonly<Record<string, string>> = {
  no_desk: 'No desk was found in the photo.',
  too_dark: 'The photo is too dark.',
  blurred: 'The photo is blurred.',
  too_small: 'The photo is too small.',
  screenshot: 'This is a screenshot, not a photo.',
};

/** One sentence that a person understands, with the score it rests on. */
export const toVerdictMessage = (verdict: Classification): string => {
  const sentence = SENTENCES[verdict.reason ?? 'no_desk'] ?? 'The photo was not accepted.';
  return `${sentence} Desk probability: ${(verdict.confidence * 100).toFixed(1)} %.`;
};
