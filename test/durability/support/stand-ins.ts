import { createHash } from 'node:crypto';
import { appendFileSync, closeSync, fsyncSync, openSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import sharp from 'sharp';

import { readPhoto } from '../../support/photo-server.js';

export interface Call {
  readonly at: number;
  /** What was called: `photo`, `draw`, `callback`. */
  readonly what: string;
  /** For whom: the photo's number, the drawn photo's SHA-256, the task's id. */
  readonly who: string;
  readonly detail: string;
}

export interface StandIns {
  readonly url: string;
  /** `127.0.0.1:<port>` */
  readonly host: string;
  readonly calls: Call[];
  photoUrl(number: number): string;
  /** How long a drawing takes, in milliseconds. */
  drawMs: number;
  /** When a caller last hung up before its drawing was ready. */
  hungUpAt: number | undefined;
  /** Decides about a callback; 200 by default. */
  onCallback: (body: Record<string, unknown>, response: ServerResponse) => void;
  close(): Promise<void>;
}

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** The same desk with a small mark, so that a drawing call tells which task it was made for. */
const markedPhoto = async (desk: Buffer, number: number): Promise<Buffer> => {
  const [red, green, blue] = [(number * 37) % 256, (number * 91) % 256, (number * 151) % 256];
  const mark = {
    create: {
      width: 16,
      height: 16,
      channels: 3 as const,
      background: { r: red, g: green, b: blue },
    },
  };
  return sharp(desk)
    .composite([{ input: await sharp(mark).png().toBuffer(), left: 4, top: 4 }])
    .jpeg({ quality: 90 })
    .toBuffer();
};

const sha256Of = async (request: IncomingMessage, body: Buffer): Promise<string> => {
  const type = request.headers['content-type'] ?? '';
  const form = await new Response(new Uint8Array(body), {
    headers: { 'content-type': type },
  }).formData();
  const file = form.get('image');
  if (!(file instanceof Blob)) throw new Error('No image was sent');
  return createHash('sha256')
    .update(Buffer.from(await file.arrayBuffer()))
    .digest('hex');
};

/** True when the caller hung up before the time was over. */
const waitOrHangUp = async (response: ServerResponse, ms: number): Promise<boolean> => {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return sleep(ms, false, { signal: gone.signal }).catch(() => true);
};

/** Photo server, drawing server and callback receiver; each call is on the disk before it is answered. */
export const startStandIns = async (logPath: string): Promise<StandIns> => {
  const desk = await sharp(await readPhoto('desk'))
    .resize(480)
    .jpeg()
    .toBuffer();
  const drawing = await sharp(desk).resize(512, 512).jpeg().toBuffer();
  const log = openSync(logPath, 'a');
  const calls: Call[] = [];
  const note = (what: string, who: string, detail = ''): void => {
    const call = { at: Date.now(), what, who, detail };
    calls.push(call);
    appendFileSync(log, `${JSON.stringify(call)}\n`);
    fsyncSync(log);
  };
  const state = {
    drawMs: 300,
    hungUpAt: undefined as number | undefined,
    onCallback: (_: Record<string, unknown>, response: ServerResponse) => {
      response.writeHead(200).end();
    },
  };
  const routes: Readonly<
    Record<string, (request: IncomingMessage, response: ServerResponse) => Promise<void>>
  > = {
    photo: async (request, response) => {
      const number = Number(/(\d+)$/.exec(request.url ?? '')?.[1] ?? 0);
      note('photo', String(number));
      const bytes = await markedPhoto(desk, number);
      response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(bytes);
    },
    images: async (request, response) => {
      const body = await readBody(request);
      note('draw', await sha256Of(request, body));
      const isGone = await waitOrHangUp(response, state.drawMs);
      if (isGone) {
        state.hungUpAt = Date.now();
        return;
      }
      response
        .writeHead(200, { 'Content-Type': 'application/json' })
        .end(JSON.stringify({ data: [{ b64_json: drawing.toString('base64') }] }));
    },
    callback: async (request, response) => {
      const body = JSON.parse((await readBody(request)).toString()) as Record<string, unknown>;
      const id = String(request.headers['webhook-id']);
      note('callback', String(body['task_id']), `${id} ${String(body['status'])}`);
      state.onCallback(body, response);
    },
  };
  const server: Server = createServer((request, response) => {
    const route = routes[(request.url ?? '/').split('/')[1] ?? ''];
    if (!route) {
      response.writeHead(404).end();
      return;
    }
    // A service that was killed has hung up.
    route(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return Object.assign(state, {
    url: `http://${host}`,
    host,
    calls,
    photoUrl: (number: number) => `http://${host}/photo/${number}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          closeSync(log);
          resolve();
        });
        server.closeAllConnections();
      }),
  });
};
