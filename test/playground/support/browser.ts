import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** Two slow cores shared with others: a wait ends with the state, not with the time. */
const PATIENCE_MS = 25_000;

export type FoundChromium = { readonly path: string } | { readonly missing: string };

/** Installs it where that is possible; says why not otherwise. */
export const findChromium = (): FoundChromium => {
  const script = join(ROOT, 'scripts', 'chromium.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  return status === 0 ? { path: stdout } : { missing: stderr.trim() };
};

export const launch = (path: string): Promise<Browser> =>
  chromium.launch({ executablePath: path, args: ARGUMENTS });

export interface OpenPage {
  readonly page: Page;
  /** Console errors, uncaught exceptions and violations of the Content-Security-Policy. */
  readonly complaints: string[];
  close(): Promise<void>;
}

const WATCH_POLICY = `addEventListener('securitypolicyviolation', (event) =>
  console.error('CSP violation: ' + event.violatedDirective + ' ' + event.blockedURI));`;

/** The playground in a browser profile of its own. */
export const openPlayground = async (
  browser: Browser,
  serviceUrl: string,
  options: BrowserContextOptions = {},
  path = '/playground',
): Promise<OpenPage> => {
  const context = await browser.newContext({
    locale: 'en-US',
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  await context.addInitScript({ content: WATCH_POLICY });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(serviceUrl + path);
  await page.locator('html[data-ready]').waitFor();
  return { page, complaints, close: () => context.close() };
};

const axe = (): string =>
  readFileSync(join(ROOT, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

/** Serious and critical accessibility faults, one line each. */
export const findBarriers = async (page: Page): Promise<string[]> => {
  // By the debugger, which the page's policy does not stop.
  await page.evaluate(axe());
  const { violations } = await page.evaluate<AxeResult>('axe.run(document)');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
};

/** Presses Tab until the element has the focus, as a person without a mouse would. */
export const tabTo = async (page: Page, selector: string): Promise<void> => {
  const target = JSON.stringify(selector);
  for (let presses = 0; presses < 60; presses += 1) {
    if (await page.evaluate<boolean>(`document.activeElement.matches(${target})`)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${selector}`);
};
