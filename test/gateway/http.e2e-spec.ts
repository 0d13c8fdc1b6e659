import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { type RunningApp, startApp } from '../support/app.js';
import { getJson, postJson, send } from '../support/http.js';

const OURS = 'https://app.example.com';
const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

describe('The gateway', () => {
  let app: RunningApp;

  beforeAll(async () => {
    app = await startApp({ CORS_ORIGINS: OURS });
  });
  afterAll(() => app.close());

  describe('request ids', () => {
    it.each(['/health', '/nothing', '/docs-json', '/images/%E0%A4%A', '/tasks/x'])(
      'come back from %s, and are in its problem',
      async (path) => {
        const { headers, body } = await getJson(app.url + path, { 'X-Request-Id': 'trace-1.2_3' });
        expect(headers.get('X-Request-Id')).toBe('trace-1.2_3');
        if ('code' in body) expect(body['request_id']).toBe('trace-1.2_3');
      },
    );

    it.each([
      ['of an injection', '<script>'],
      ['too long', 'a'.repeat(129)],
      ['empty', ''],
    ])('are made anew instead of one %s', async (_title, sent) => {
      const { headers } = await getJson(`${app.url}/nothing`, { 'X-Request-Id': sent });
      expect(headers.get('X-Request-Id')).toMatch(UUID);
    });
  });

  describe('CORS', () => {
    const preflight = (origin: string, header: string) =>
      send('OPTIONS', `${app.url}/generated/v1/generate`, {
        headers: {
          Origin: origin,
          'Access-Control-Request-Method': 'POST',
          'Access-Control-Request-Headers': header,
        },
      });

    it.each([
      'Authorization',
      'X-API-Key',
      'Idempotency-Key',
      'Prefer',
      'Last-Event-ID',
      'Content-Type',
    ])('lets a listed origin send %s', async (header) => {
      const { status, headers } = await preflight(OURS, header);
      expect(status).toBe(204);
      expect(headers.get('Access-Control-Allow-Origin')).toBe(OURS);
      expect(headers.get('Access-Control-Allow-Headers')).toContain(header);
      expect(headers.get('Access-Control-Allow-Credentials')).toBeNull();
    });

    it('lets a listed origin read what it needs from an answer', async () => {
      const { headers } = await getJson(`${app.url}/nothing`, { Origin: OURS });
      for (const name of ['Retry-After', 'RateLimit', 'X-Request-Id', 'Location']) {
        expect(headers.get('Access-Control-Expose-Headers')).toContain(name);
      }
    });

    it.each(['https://evil.example', 'https://app.example.com.evil.example', 'null'])(
      'is closed for %s',
      async (origin) => {
        const { headers } = await preflight(origin, 'Authorization');
        expect(headers.get('Access-Control-Allow-Origin')).toBeNull();
      },
    );
  });

  describe('bodies', () => {
    it('may have 100 kB and not more', async () => {
      const url = `${app.url}/classify`;
      const padded = (bytes: number) => `{"x":"${'a'.repeat(bytes - 8)}"}`;

      expect((await postJson(url, padded(102_400))).body['code']).toBe('validation_failed');
      const { status, body } = await postJson(url, padded(102_401));
      expect([status, body['code']]).toEqual([413, 'payload_too_large']);
    });

    it.each<[string, string, Record<string, string>, number, string]>([
      ['broken JSON', '{"a":', {}, 400, 'malformed_json'],
      ['no JSON value of ours', '"text"', {}, 400, 'malformed_json'],
      ['an array', '[]', {}, 400, 'validation_failed'],
      [
        'a form',
        'a=1',
        { 'Content-Type': 'application/x-www-form-urlencoded' },
        415,
        'unsupported_media_type',
      ],
      ['XML', '<a/>', { 'Content-Type': 'application/xml' }, 415, 'unsupported_media_type'],
      [
        'EUC-KR',
        '{}',
        { 'Content-Type': 'application/json; charset=euc-kr' },
        415,
        'unsupported_media_type',
      ],
      ['an unknown encoding', '{}', { 'Content-Encoding': 'zstd-of-mine' }, 400, 'malformed_json'],
      ['a lie about gzip', '{}', { 'Content-Encoding': 'gzip' }, 400, 'malformed_json'],
    ])('are refused when they are %s', async (_title, text, headers, status, code) => {
      const answer = await postJson(`${app.url}/classify`, text, headers);
      expect([answer.status, answer.body['code']]).toEqual([status, code]);
    });
  });

  describe('methods', () => {
    it.each([
      ['PATCH', '/classify', 'OPTIONS, POST'],
      ['GET', '/generated/v1/generate', 'OPTIONS, POST'],
      ['DELETE', '/tasks', 'GET, HEAD, OPTIONS'],
      ['PUT', '/tasks/0192f7c4-8f5e-7a3b-9c1d-2e3f4a5b6c7d', 'DELETE, GET, HEAD, OPTIONS'],
    ])('%s %s is 405 and names the allowed ones', async (method, path, allow) => {
      const { status, headers, body } = await send(method, app.url + path);
      expect([status, body['code']]).toEqual([405, 'method_not_allowed']);
      expect(headers.get('Allow')).toBe(allow);
    });

    it('OPTIONS names them as well', async () => {
      const { status, headers } = await send('OPTIONS', `${app.url}/tasks`, {
        headers: { Origin: 'https://evil.example' },
      });
      expect(status).toBe(204);
      expect(headers.get('Access-Control-Allow-Origin')).toBeNull();
    });

    it.each(['/nothing', '/images/%E0%A4%A', '/classify/x', '/%00', '/..%2f..%2fetc%2fpasswd'])(
      'GET %s is 404',
      async (path) => {
        const { status, headers, body } = await getJson(app.url + path);
        expect([status, body['code']]).toEqual([404, 'not_found']);
        expect(headers.get('Content-Type')).toBe('application/problem+json');
      },
    );
  });

  describe('languages', () => {
    const wrong = { initial_image_url: 5, concept: 'VAN_GOGH' };
    const ask = (language: string) =>
      postJson<{ title: string; detail: string; code: string; errors: object[] }>(
        `${app.url}/classify`,
        wrong,
        { 'Accept-Language': language },
      );

    it.each(['ko', 'ko-KR,ko;q=0.9,en;q=0.8', 'en;q=0.1, ko'])(
      'tells %s every wrong field in Korean',
      async (language) => {
        const { headers, body } = await ask(language);
        expect(headers.get('Content-Language')).toBe('ko');
        expect(headers.get('Vary')).toContain('Accept-Language');
        expect(body).toMatchObject({
          title: '요청이 계약과 맞지 않습니다',
          detail: '다음 필드를 고쳐 주세요: initial_image_url, concept.',
          code: 'validation_failed',
          errors: [
            { field: 'initial_image_url', message: 'initial_image_url: 문자열이어야 합니다.' },
            {
              field: 'concept',
              message: 'concept: 다음 중 하나여야 합니다: BASIC, MSPAINT, SIMPLE, OIL, CARTOON.',
            },
          ],
        });
        expect(Object.keys(body.errors[0] ?? {})).toEqual(['field', 'message']);
      },
    );

    it.each(['', 'en-GB', 'ja, fr;q=0.5', 'en, ko;q=0.9', '*', ';;q=x'])(
      'tells "%s" the same in English',
      async (language) => {
        const { headers, body } = await ask(language);
        expect(headers.get('Content-Language')).toBe('en');
        expect(body).toMatchObject({
          title: 'The request does not match the contract',
          code: 'validation_failed',
          errors: [
            { field: 'initial_image_url', message: 'initial_image_url must be a string' },
            {
              field: 'concept',
              message: 'concept must be one of BASIC, MSPAINT, SIMPLE, OIL, CARTOON',
            },
          ],
        });
      },
    );

    it('knows the limits in Korean too', async () => {
      const { body } = await getJson<{ errors: { message: string }[] }>(
        `${app.url}/tasks?limit=500&status=lost&cursor=x`,
        { 'Accept-Language': 'ko' },
      );
      expect(body.errors.map(({ message }) => message)).toEqual([
        'status: 다음 중 하나여야 합니다: queued, running, succeeded, rejected, failed, canceled.',
        'limit: 100 이하여야 합니다.',
        'cursor: UUID여야 합니다.',
      ]);
    });
  });

  it('has a page to which the type of a problem leads', async () => {
    const { body } = await getJson(`${app.url}/nothing`);
    const page = await fetch(new URL(String(body['type']), app.url));

    expect(page.headers.get('Content-Type')).toContain('text/html');
    expect(await page.text()).toContain('<tr id="not_found"><td>404</td>');
  });

  it('hardens every answer', async () => {
    for (const path of ['/health', '/nothing', '/docs-json']) {
      const { headers } = await getJson(app.url + path);
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
      expect(headers.get('Content-Security-Policy')).toContain("default-src 'self'");
      expect(headers.get('X-Powered-By')).toBeNull();
    }
  });

  it('keeps connections for longer than the load balancer does', () => {
    expect(app.app.getHttpServer()).toMatchObject({
      keepAliveTimeout: 620_000,
      headersTimeout: 15_000,
      requestTimeout: 30_000,
    });
  });
});
