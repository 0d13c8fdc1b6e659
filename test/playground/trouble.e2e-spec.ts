import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { type BrowserContextOptions, type Page } from 'playwright-core';

import { ProviderError } from '../../src/common/errors/errors.js';
import {
  type GeneratedImage,
  IMAGE_GENERATOR,
  type ImageGenerationRequest,
  type ImageGenerator,
} from '../../src/providers/image-generator/image-generator.port.js';
import { PRODUCT_SEARCH } from '../../src/providers/product-search/product-search.port.js';
import { aProduct, FakeProductSearch } from '../fakes/fake-product-search.js';
import { type RunningApp, startApp } from '../support/app.js';
import { aKey, keysSetting } from '../support/keys.js';
import { findBarriers, openPlayground, type OpenPage } from './support/browser.js';
import { smallDesk, type UploadedFile } from './support/small-desk.js';
import { describeInBrowser } from './support/suite.js';

const NETWORK = /^Failed to load resource/;

/** Gives the photo back, fails, or draws until it is told to stop. */
class ChangeableGenerator implements ImageGenerator {
  readonly name = 'changeable';
  readonly model = 'changeable-1';
  mode: 'works' | 'fails' | 'hangs' = 'works';

  async generate({ image }: ImageGenerationRequest, signal: AbortSignal): Promise<GeneratedImage> {
    if (this.mode === 'fails') {
      throw new ProviderError('provider_failed', 'The picture service answered with nonsense.', {
        provider: this.name,
        operation: 'draw',
      });
    }
    if (this.mode === 'hangs') {
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    }
    return { bytes: image, calls: [], generator: this.name, warnings: ['<b>odd</b>'] };
  }
}

const hostileProduct = aProduct({
  title: '<img src=x onerror=alert(1)>Mouse',
  link: 'javascript:alert(1)',
  imageUrl: 'data:text/html,<script>alert(1)</script>',
  mall: '"><script>alert(1)</script>',
});

describeInBrowser('the playground in trouble', (browser) => {
  let service: RunningApp;
  let opened: OpenPage | undefined;
  let desk: UploadedFile;
  const generator = new ChangeableGenerator();
  const key = aKey('frontend', 'classify', 'generate', 'tasks');

  const open = async (options: BrowserContextOptions = {}): Promise<OpenPage> => {
    opened = await openPlayground(browser.get(), service.url, options);
    return opened;
  };

  const openWithDesk = async (options: BrowserContextOptions = {}): Promise<OpenPage> => {
    const result = await open(options);
    await result.page.fill('#key', key.secret);
    await result.page.setInputFiles('#file', desk);
    await result.page.locator('.verdict.yes').waitFor();
    return result;
  };

  beforeAll(async () => {
    // What counts as a desk is not this suite's business.
    const settings = { API_KEYS: keysSetting(key), CLASSIFIER_THRESHOLD: '0.05' };
    const app = startApp(settings, (builder) =>
      builder
        .overrideProvider(IMAGE_GENERATOR)
        .useValue(generator)
        .overrideProvider(PRODUCT_SEARCH)
        .useValue(new FakeProductSearch('fake', [hostileProduct])),
    );
    [service, desk] = await Promise.all([app, smallDesk(), browser.start()]);
  });
  beforeEach(() => {
    generator.mode = 'works';
  });
  afterEach(async () => opened?.close());
  afterAll(async () => {
    await browser.stop();
    await service.close();
  });

  it('asks for an API key, refuses a wrong one and keeps a right one for the tab only', async () => {
    const { page, complaints } = await open();
    await page.setInputFiles('#file', desk);
    await page.locator('#problem').waitFor();
    expect(await page.textContent('#problem-title')).toBe('This service asks for an API key');

    await page.fill('#key', 'desk_wrong');
    await page.click('#retry');
    await page.getByText('unauthorized (401)').waitFor();
    expect(await page.textContent('#problem')).toContain('it was mistyped or withdrawn');
    expect(await page.textContent('.problem-facts')).toMatch(/Request[0-9a-f-]{36}/);

    await page.fill('#key', key.secret);
    await page.click('#retry');
    await page.locator('.verdict.yes').waitFor();
    expect(await page.locator('#problem').isVisible()).toBe(false);
    expect(await page.evaluate('JSON.stringify({ ...localStorage })')).not.toContain('desk_');
    expect(page.url()).not.toContain('desk_');

    await page.reload();
    await page.locator('html[data-ready]').waitFor();
    expect(await page.inputValue('#key')).toBe(key.secret);
    expect(complaints.filter((line) => !NETWORK.test(line))).toEqual([]);
  }, 40_000);

  it('shows what the service says as text, whatever it is', async () => {
    const { page, complaints } = await openWithDesk();
    await page.click('#go');
    await page.locator('#result').waitFor();

    expect(await page.locator('.product .name').first().textContent()).toBe(hostileProduct.title);
    expect(await page.locator('.product a').count()).toBe(0);
    expect(await page.locator('.product img, .product script, #result b b').count()).toBe(0);
    expect(await page.textContent('.warnings li:last-child')).toBe('<b>odd</b>');
    await page.click('#curl summary');
    expect(await page.textContent('#curl pre')).toContain('Authorization: Bearer $DESK_AI_KEY');
    expect(await page.content()).not.toContain(key.secret);
    expect(complaints).toEqual([]);
  }, 40_000);

  it('tells that a provider failed, and tries again when asked to', async () => {
    generator.mode = 'fails';
    const { page, complaints } = await openWithDesk({ locale: 'ko-KR' });
    await page.click('#go');
    await page.locator('#problem').waitFor();

    expect(await page.textContent('#problem-title')).toBe(
      '외부 서비스의 응답을 사용할 수 없습니다',
    );
    expect(await page.textContent('#problem')).toContain(
      'The picture service answered with nonsense.',
    );
    expect(await page.textContent('.problem-facts')).toMatch(
      /코드provider_failed요청[0-9a-f-]{36}작업[0-9a-f-]{36}/,
    );
    expect(await page.textContent('.step.failed')).toContain('이미지 그리기');
    expect(await focusedId(page)).toBe('problem-title');
    expect(await findBarriers(page)).toEqual([]);

    generator.mode = 'works';
    await page.click('#retry');
    await page.locator('#result').waitFor();
    expect(await page.locator('#problem').isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  }, 40_000);

  it('cancels', async () => {
    generator.mode = 'hangs';
    const { page, complaints } = await openWithDesk();
    await page.click('#go');
    await page.locator('.step.running', { hasText: 'Draw the picture' }).waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.click('#cancel');
    await page.locator('#problem.notice').waitFor();

    expect(await page.textContent('#problem-title')).toBe('Canceled');
    expect(await page.locator('#progress').isVisible()).toBe(false);
    expect(await page.getAttribute('#go', 'aria-disabled')).toBe('false');
    expect(complaints).toEqual([]);
  }, 40_000);

  it('waits for Retry-After before it can be tried again', async () => {
    const { page } = await openWithDesk();
    let asked = 0;
    const keys = new Set<string | undefined>();
    await page.route('**/generated/v1/generate', async (route) => {
      asked += 1;
      keys.add(route.request().headers()['idempotency-key']);
      if (asked > 1) return route.continue();
      return route.fulfill({
        status: 429,
        headers: { 'Retry-After': '1', 'Content-Type': 'application/problem+json' },
        body: JSON.stringify({
          title: 'The queue is full',
          detail: 'Nothing was started.',
          code: 'queue_full',
          request_id: 'request-1',
        }),
      });
    });
    await page.click('#go');
    await page.locator('#retry[aria-disabled=true]').waitFor();
    expect(await page.textContent('#retry')).toBe('Try again in 1 s');
    expect(await page.textContent('.problem-facts')).toBe('Codequeue_full (429)Requestrequest-1');
    await page.click('#retry', { force: true });
    expect(asked).toBe(1);

    await page.locator('#retry[aria-disabled=false]').click();
    await page.locator('#result').waitFor();
    // One wish, one key: the service would not have made two tasks of it.
    expect([asked, keys.size]).toEqual([2, 1]);
  }, 40_000);

  it.each(['drop', 'paste'])('takes a photo by %s', async (way) => {
    const { page, complaints } = await open();
    await page.fill('#key', key.secret);
    await page.evaluate(handOver(way, desk));
    await page.locator('.verdict.yes').waitFor();

    expect(await page.getAttribute('#preview', 'alt')).toBe('Your photo: desk.jpg');
    expect(complaints).toEqual([]);
  });

  it('says so when a file is no photo or the service is gone', async () => {
    const { page } = await openWithDesk();
    await page.setInputFiles('#file', {
      name: 'a.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('x'),
    });
    await page.locator('#problem').waitFor();
    expect(await page.textContent('#problem-title')).toBe('This is not a photo');

    await page.setInputFiles('#file', {
      name: 'a.jpg',
      mimeType: 'image/jpeg',
      buffer: Buffer.from('x'),
    });
    await page.getByText('(422)').waitFor();

    await page.route('**/uploads', (route) => route.abort());
    await page.click('#retry');
    await page.getByText('network_error').waitFor();
    expect(await page.textContent('#problem-title')).toBe('The service cannot be reached');
  }, 40_000);
});

const focusedId = (page: Page): Promise<string> => page.evaluate('document.activeElement.id');

/** What a browser does when a file is dropped beside the frame, or pasted. */
const handOver = (way: string, { buffer, name, mimeType }: UploadedFile): string => `
  const bytes = Uint8Array.from(atob('${buffer.toString('base64')}'), (one) => one.charCodeAt(0));
  const files = new DataTransfer();
  files.items.add(new File([bytes], '${name}', { type: '${mimeType}' }));
  document.body.dispatchEvent('${way}' === 'drop'
    ? new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true })
    : new ClipboardEvent('paste', { clipboardData: files, bubbles: true, cancelable: true }));`;
