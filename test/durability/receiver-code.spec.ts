import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';

const run = promisify(execFile);
const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'callbacks.md');
const SECRET = `whsec_${Buffer.from('a secret of more than 24 bytes').toString('base64')}`;
const BODY = '{"task_id":"0192f7c4","keyword":"마우스"}';
const SENT_AT = new Date('2026-11-22T02:10:00.000Z');
const NOW_S = SENT_AT.getTime() / 1_000;
const TIMEOUT_MS = 120_000;

const codeOf = async (language: string): Promise<string> => {
  const page = await readFile(PAGE, 'utf8');
  const code = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(page)?.[1];
  if (code === undefined) throw new Error(`No ${language} in docs/callbacks.md`);
  return code;
};

const headers = {
  id: 'msg_1',
  timestamp: String(NOW_S),
  signatures: new Webhook(SECRET).sign('msg_1', SENT_AT, BODY),
};

/** What the code has to say to: ours, another body, another secret's signature, an old message. */
const CASES = [
  { body: BODY, signatures: headers.signatures, nowS: NOW_S, isGenuine: true },
  { body: BODY, signatures: `v1,other ${headers.signatures}`, nowS: NOW_S + 299, isGenuine: true },
  { body: `${BODY} `, signatures: headers.signatures, nowS: NOW_S, isGenuine: false },
  { body: BODY, signatures: 'v1,AAAA', nowS: NOW_S, isGenuine: false },
  { body: BODY, signatures: headers.signatures, nowS: NOW_S + 301, isGenuine: false },
];
const EXPECTED = CASES.map(({ isGenuine }) => String(isGenuine));

const hasJava = await run('java', ['-version']).then(
  () => true,
  () => false,
);
if (!hasJava) process.stdout.write('The Java code of docs/callbacks.md is not run: no JDK here.\n');

describe('the code for receivers in docs/callbacks.md', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'desk-ai-receiver-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it(
    'tells our callbacks from others in TypeScript, and known ids from new ones',
    async () => {
      const calls = CASES.map(
        ({ body, signatures, nowS }) =>
          `console.log(isGenuine(${JSON.stringify(SECRET)}, ${JSON.stringify({ ...headers, signatures })}, Buffer.from(${JSON.stringify(body)}), ${nowS}));`,
      );
      const ids = `const seen = new Set<string>(); console.log(isNew(seen, 'a'), isNew(seen, 'a'));`;
      const file = join(folder, 'receiver.mts');
      await writeFile(file, [await codeOf('ts'), ...calls, ids].join('\n'));
      const { stdout } = await run(process.execPath, ['--experimental-strip-types', file]);
      expect(stdout.trim().split('\n')).toEqual([...EXPECTED, 'true false']);
    },
    TIMEOUT_MS,
  );

  (hasJava ? it : it.skip)(
    'tells our callbacks from others in Java',
    async () => {
      const calls = CASES.map(
        ({ body, signatures, nowS }) =>
          `System.out.println(verifier.isGenuine("${headers.id}", "${headers.timestamp}", "${signatures}", ${JSON.stringify(body)}.getBytes("UTF-8"), ${nowS}L));`,
      );
      const main = `public class Main { public static void main(String[] args) throws Exception { CallbackVerifier verifier = new CallbackVerifier("${SECRET}"); ${calls.join(' ')} } }`;
      await writeFile(join(folder, 'CallbackVerifier.java'), await codeOf('java'));
      await writeFile(join(folder, 'Main.java'), main);
      await run(
        'javac',
        ['-encoding', 'UTF-8', '-d', folder, 'Main.java', 'CallbackVerifier.java'],
        {
          cwd: folder,
        },
      );
      const { stdout } = await run('java', ['-cp', folder, 'Main']);
      expect(stdout.trim().split('\n')).toEqual(EXPECTED);
    },
    TIMEOUT_MS,
  );
});
