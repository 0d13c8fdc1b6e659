import { describe, expect, it } from '@jest/globals';
import { type Browser } from 'playwright-core';

import { findChromium, launch } from './browser.js';

/** Needs a browser. Without one it fails and says why, or is left out when SKIP_BROWSER_TESTS=1 asks for that. */
export const describeInBrowser = (
  name: string,
  suite: (browser: {
    start: () => Promise<void>;
    get: () => Browser;
    stop: () => Promise<void>;
  }) => void,
): void => {
  const chromium = findChromium();
  if ('path' in chromium) {
    let browser: Browser | undefined;
    describe(name, () => {
      suite({
        start: async () => {
          browser = await launch(chromium.path);
        },
        get: () => {
          if (!browser) throw new Error('The browser was not started.');
          return browser;
        },
        stop: async () => browser?.close(),
      });
    });
    return;
  }
  const isSkipped = process.env['SKIP_BROWSER_TESTS'] === '1';
  describe(name, () => {
    it(`${isSkipped ? 'is left out (SKIP_BROWSER_TESTS=1)' : 'needs Chromium'}: ${chromium.missing}`, () => {
      if (isSkipped) process.stderr.write(`${name} is left out: ${chromium.missing}\n`);
      else expect(chromium.missing).toBe('');
    });
  });
};
