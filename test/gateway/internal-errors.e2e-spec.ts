import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { AppLogger } from '../../src/common/logging/app-logger.js';
import { InfoService } from '../../src/info/info.service.js';
import { type RunningApp, startApp } from '../support/app.js';
import { getJson } from '../support/http.js';
import { aKey } from '../support/keys.js';

const key = aKey('backend', 'tasks');
const SECRET_URL = 'https://db.internal/x?password=hunter2';

/** Keeps what would be printed. */
class KeptLog extends AppLogger {
  readonly lines: string[] = [];

  constructor() {
    super({
      info: (...line: unknown[]) => this.keep(line),
      warn: (...line: unknown[]) => this.keep(line),
      error: (...line: unknown[]) => this.keep(line),
      debug: (...line: unknown[]) => this.keep(line),
      trace: (...line: unknown[]) => this.keep(line),
    } as unknown as ConstructorParameters<typeof AppLogger>[0]);
  }

  private keep(line: readonly unknown[]): void {
    this.lines.push(JSON.stringify(line));
  }
}

describe('A bug', () => {
  let app: RunningApp;
  const log = new KeptLog();

  beforeAll(async () => {
    const broken = {
      describe: () => {
        throw new TypeError(`cannot read ${SECRET_URL}`);
      },
    };
    app = await startApp({ API_KEYS: key.entry }, (builder) =>
      builder
        .overrideProvider(InfoService)
        .useValue(broken)
        .overrideProvider(AppLogger)
        .useValue(log),
    );
  });
  afterAll(() => app.close());

  it('is answered without detail and logged with its stack and the request id', async () => {
    const { status, headers, body } = await getJson(`${app.url}/info`, { ...key.bearer });

    expect(status).toBe(500);
    expect(body).toEqual({
      type: '/docs/errors#internal_error',
      title: 'Something went wrong on our side',
      status: 500,
      detail: 'Try again; if it goes on, tell us the request_id.',
      code: 'internal_error',
      instance: '/info',
      request_id: headers.get('X-Request-Id'),
    });
    const bug = log.lines.find((line) => line.includes('failed by a bug'));
    expect(bug).toContain('TypeError: cannot read https://db.internal/x?…');
    expect(bug).toContain(String(headers.get('X-Request-Id')));
    expect(bug).not.toContain('hunter2');
  });

  it("writes the key's name and never the key", async () => {
    await getJson(`${app.url}/tasks?signature=s3cr3t`, { ...key.bearer });
    await getJson(`${app.url}/tasks`, { 'X-API-Key': 'desk_wrong-but-still-private' });

    const all = log.lines.join('\n');
    expect(all).toContain('"key":"backend"');
    expect(all).not.toContain(key.secret);
    expect(all).not.toContain('desk_wrong');
    expect(all).not.toContain('s3cr3t');
  });
});
