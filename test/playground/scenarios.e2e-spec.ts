import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { type BrowserContextOptions } from 'playwright-core';

import { type RunningApp, startApp } from '../support/app.js';
import { PHOTOS } from '../support/photo-server.js';
import { findBarriers, openPlayground, type OpenPage, tabTo } from './support/browser.js';
import { describeInBrowser } from './support/suite.js';

/** No desk: a scenario plays whatever the photo shows. */
const SEA = join(import.meta.dirname, '..', '..', 'node_modules', PHOTOS.sea);
const NETWORK = /^Failed to load resource/;

describeInBrowser('the playground with mock scenarios', (browser) => {
  let service: RunningApp;
  let opened: OpenPage | undefined;

  const open = async (options: BrowserContextOptions = {}): Promise<OpenPage> => {
    opened = await openPlayground(browser.get(), service.url, options);
    return opened;
  };

  beforeAll(async () => {
    const settings = { MOCK_SCENARIOS: 'on', TASK_STEP_ATTEMPTS: '2', MOCK_SLOW_SECONDS: '4' };
    [service] = await Promise.all([startApp(settings), browser.start()]);
  });
  afterEach(async () => opened?.close());
  afterAll(async () => {
    await browser.stop();
    await service.close();
  });

  it('offers them by keyboard and label, in both languages', async () => {
    const { page, complaints } = await open({ locale: 'ko-KR' });
    await tabTo(page, '#scenario');
    expect(await page.getByLabel('모의 시나리오').count()).toBe(1);
    const names = await page.locator('#scenario option').allTextContents();
    expect(names).toEqual([
      '사용 안 함(실제 실행)',
      'slow',
      'fail_after_classify',
      'no_products',
      'not_a_desk',
      'content_rejected',
      'provider_down',
    ]);
    expect(await findBarriers(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('asks for the verdict again when another one is chosen', async () => {
    const { page } = await open();
    await page.selectOption('#scenario', 'content_rejected');
    await page.setInputFiles('#file', SEA);
    await page.locator('.verdict.yes').waitFor();
    await page.selectOption('#scenario', 'not_a_desk');
    await page.locator('.verdict.no').waitFor();
    await page.selectOption('#scenario', 'provider_down');
    await page.locator('#problem').waitFor();
    expect(await page.textContent('#problem')).toContain('provider_unavailable (503)');
  }, 40_000);

  it('shows the outcome, and the curl line that asks for it', async () => {
    const { page, complaints } = await open();
    await page.selectOption('#scenario', 'content_rejected');
    await page.setInputFiles('#file', SEA);
    await page.locator('.verdict.yes').waitFor();
    await page.click('#go');
    await page.locator('#problem').waitFor();
    expect(await page.textContent('#problem-title')).toBe('The content policy refused this photo');

    await page.selectOption('#scenario', 'no_products');
    await page.locator('.verdict.yes').waitFor();
    await page.click('#go');
    await page.locator('#result').waitFor();
    expect(await page.locator('.product').count()).toBe(0);
    await page.click('#curl summary');
    expect(await page.textContent('#curl pre')).toContain("-H 'X-Mock-Scenario: no_products'");
    expect(complaints.filter((line) => !NETWORK.test(line))).toEqual([]);
  }, 60_000);
});
