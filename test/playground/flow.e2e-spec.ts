import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { type BrowserContextOptions, type Page } from 'playwright-core';

import { type RunningApp, startApp } from '../support/app.js';
import { PHOTOS } from '../support/photo-server.js';
import { findBarriers, openPlayground, type OpenPage, tabTo } from './support/browser.js';
import { startCuttingProxy } from './support/cutting-proxy.js';
import { smallDesk, type UploadedFile } from './support/small-desk.js';
import { describeInBrowser } from './support/suite.js';

const MODULES = join(import.meta.dirname, '..', '..', 'node_modules');
const SEA = join(MODULES, PHOTOS.sea);
const PHONE = { width: 390, height: 844 };
const STEPS = 8;

interface Verdict {
  readonly reason: string;
  readonly tip: { readonly ko: string; readonly en: string };
}

/** Which of them it is, is the model's business. */
const REASONS: Readonly<Record<string, Verdict['tip']>> = {
  no_desk: { ko: '사진에서 책상을 찾지 못했습니다.', en: 'No desk was found in it.' },
  screenshot: { ko: '화면 캡처입니다.', en: 'It is a screenshot.' },
};

describeInBrowser('the playground with the real service', (browser) => {
  let service: RunningApp;
  let opened: OpenPage | undefined;
  let desk: UploadedFile;

  const open = async (
    options: BrowserContextOptions = {},
    url = service.url,
  ): Promise<OpenPage> => {
    opened = await openPlayground(browser.get(), url, options);
    return opened;
  };

  beforeAll(async () => {
    // How sure the model is of which photo is tested elsewhere and changes with each training.
    const settings = { CLASSIFIER_THRESHOLD: '0.15' };
    [service, desk] = await Promise.all([startApp(settings), smallDesk(), browser.start()]);
  });
  afterEach(async () => opened?.close());
  afterAll(async () => {
    await browser.stop();
    await service.close();
  });

  it('leads from a photo to the result by clicking', async () => {
    const { page, complaints } = await open();
    expect(await page.title()).toBe('Desk AI playground');
    expect(await findBarriers(page)).toEqual([]);

    await page.click('#sample');
    await page.locator('.verdict.yes').waitFor();
    expect(await page.textContent('.verdict-head')).toMatch(
      /^It is a desk\d\d\.\d % likely a desk$/,
    );

    await page.click('label:has([value=MSPAINT])');
    await page.click('label:has([value=v2])');
    await page.fill('#seed', '7');
    await page.click('#go');
    await page.locator('#progress').waitFor();
    await page.locator('#result').waitFor();

    expect(await page.textContent('#result-title')).toBe('Before and after Paint program');
    expect(await focusedId(page)).toBe('result-title');
    expect(await loadedWidths(page, '.stage img')).toEqual([
      expect.any(Number),
      expect.any(Number),
    ]);
    expect(await page.locator('.times tbody tr').count()).toBe(STEPS);
    expect(await page.locator('.product a[href^="https://"]').count()).toBeGreaterThan(0);
    expect(await page.textContent('blockquote .first')).toMatch(/desk/i);
    expect(await page.locator('.facts dd').allTextContents()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^\d\d\.\d %$/), '$0']),
    );

    await page.click('#json summary');
    const task = JSON.parse((await page.textContent('#json pre')) ?? '') as Record<string, unknown>;
    expect(task).toMatchObject({ kind: 'generate.v2', status: 'succeeded', concept: 'MSPAINT' });
    await page.click('#curl summary');
    const curl = await page.textContent('#curl pre');
    expect(curl).toContain(`BASE='${service.url}'`);
    expect(curl).toContain(`'{image_url: $url} + {"concept":"MSPAINT","seed":7}'`);
    expect(curl).not.toContain('Authorization');

    expect(await findBarriers(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await findBarriers(page)).toEqual([]);

    // A reload shows the same task again.
    await page.reload();
    await page.locator('#result').waitFor();
    expect(await page.textContent('#result-title')).toBe('Before and after Paint program');
    expect(await loadedWidths(page, '.stage img')).toEqual([
      expect.any(Number),
      expect.any(Number),
    ]);
    expect(complaints).toEqual([]);
  }, 60_000);

  it('says why a photo is rejected and what helps, in both languages', async () => {
    const { page, complaints } = await open({
      locale: 'ko-KR',
      viewport: PHONE,
      colorScheme: 'dark',
    });
    expect(await page.textContent('h1')).toBe('사진 한 장으로, 새로워진 책상');

    const answered = page.waitForResponse('**/classify');
    await page.setInputFiles('#file', SEA);
    await page.locator('.verdict.no').waitFor();
    const { tip, reason } = (await (await answered).json()) as Verdict;
    const sentences = REASONS[reason];
    if (!sentences) throw new Error(`The page is not tested with ${reason}`);
    expect(await page.textContent('.verdict')).toContain(sentences.ko);
    expect(await page.textContent('.tip')).toContain(tip.ko);
    expect(await page.textContent('#live')).toContain(tip.ko);
    expect(await findBarriers(page)).toEqual([]);

    await page.click('[data-language=en]');
    expect(await page.textContent('.verdict')).toContain(sentences.en);
    expect(await page.textContent('.tip')).toContain(tip.en);
    expect(await page.getAttribute('html', 'lang')).toBe('en');

    await page.click('#go', { force: true });
    expect(await page.locator('#progress').isVisible()).toBe(false);
    expect(await page.textContent('#go-hint')).toBe('Choose a photo that shows a desk.');
    expect(await sidewaysScroll(page)).toBe(0);

    await page.reload();
    await page.locator('html[data-ready]').waitFor();
    expect(await page.textContent('h1')).toBe('See your desk, redesigned');
    expect(complaints).toEqual([]);
  }, 40_000);

  it('can be used by keyboard alone', async () => {
    const { page, complaints } = await open({ viewport: PHONE });
    // Listened to from the start: the debugger has to be told before a chooser opens.
    page.on('filechooser', (chooser) => void chooser.setFiles(desk));
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('skip');

    await tabTo(page, '#choose');
    await page.keyboard.press('Enter');
    await page.locator('.verdict.yes').waitFor();

    await tabTo(page, '[name=concept]');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await tabTo(page, '#seed');
    await page.keyboard.type('1.5');
    await tabTo(page, '#go');
    await page.keyboard.press('Enter');
    expect(await focusedId(page)).toBe('seed');
    expect(await page.textContent('#seed-error')).toBe(
      'A seed is a whole number from 0 to 2147483647.',
    );

    await page.keyboard.press('Control+A');
    await page.keyboard.type('42');
    await page.keyboard.press('Enter');
    await page.locator('#result').waitFor();
    expect(await page.textContent('#result-title')).toBe('Before and after Minimal');
    expect(await focusedId(page)).toBe('result-title');

    await tabTo(page, '#split');
    await page.keyboard.press('ArrowLeft');
    expect(await page.getAttribute('#split', 'aria-valuetext')).toBe(
      'before 49 percent, after 51 percent',
    );
    expect(
      await page.evaluate(`document.getElementById('stage').style.getPropertyValue('--split')`),
    ).toBe('49%');
    expect(await sidewaysScroll(page)).toBe(0);
    expect(complaints).toEqual([]);
  }, 60_000);

  it('resumes by Last-Event-ID after a lost connection', async () => {
    const proxy = await startCuttingProxy(Number(new URL(service.url).port), 'id: 6\n');
    try {
      // Links lead to the service's own name; the page asks the proxy it came from all the same.
      const { page } = await open({}, proxy.url);
      await page.setInputFiles('#file', desk);
      await page.locator('.verdict.yes').waitFor();
      await page.click('#go');
      await page.locator('#connection').waitFor();
      expect(await page.textContent('#connection')).toBe('Connection lost. Reconnecting…');
      expect(await page.textContent('#live')).toBe('Connection lost. Reconnecting…');

      proxy.release();
      await page.locator('#result').waitFor();
      expect(proxy.lastEventIds[0]).toBe('');
      expect(proxy.lastEventIds.at(-1)).toBe('5');
      expect(await page.locator('.times tbody tr').count()).toBe(STEPS);
      expect(await loadedWidths(page, '.stage img')).toEqual([
        expect.any(Number),
        expect.any(Number),
      ]);
    } finally {
      await proxy.close();
    }
  }, 60_000);
});

const focusedId = (page: Page): Promise<string> => page.evaluate('document.activeElement.id');

const sidewaysScroll = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

/** Waits for the pictures; fails when one cannot be shown. */
const loadedWidths = (page: Page, selector: string): Promise<number[]> =>
  page.evaluate(`Promise.all([...document.querySelectorAll(${JSON.stringify(selector)})].map(
    async (image) => { await image.decode(); return image.naturalWidth; }))`);
