import { type ServerResponse } from 'node:http';

import { type Schema } from 'ajv';

import {
  type LocalServer,
  type ReceivedRequest,
  type Respond,
  sendJson,
  startLocalServer,
} from './local-server.js';
import { closed, findPhotoFaults, findSchemaFaults, parseForm } from './strict.js';

export const OPENAI_KEY = 'sk-test-LEAK-KEY-0123456789';

/** Fields of a form are text. Source: facts section 1 (openai-openapi, CreateImageEditRequest). */
const EDIT_FIELDS: Schema = closed(
  {
    model: {
      enum: ['gpt-image-2.5-flare', 'gpt-image-2.5-sunburst', 'gpt-image-1.5', 'gpt-image-9'],
    },
    prompt: { type: 'string', minLength: 1, maxLength: 32_000 },
    n: { const: '1' },
    size: { type: 'string', pattern: '^(?:auto|\\d{3,4}x\\d{3,4})$' },
    quality: { enum: ['auto', 'low', 'medium', 'high', 'xhigh', 'max'] },
    output_format: { enum: ['png', 'jpeg', 'webp'] },
    background: { enum: ['auto', 'opaque', 'transparent'] },
  },
  ['model', 'prompt', 'size', 'quality', 'output_format'],
);

const GENERATION: Schema = closed(
  {
    model: { enum: ['dall-e-3', 'dall-e-2'] },
    prompt: { type: 'string', minLength: 1, maxLength: 4_000 },
    n: { const: 1 },
    size: { enum: ['1024x1024', '1792x1024', '1024x1792'] },
    quality: { enum: ['standard', 'hd'] },
    response_format: { const: 'b64_json' },
  },
  ['model', 'prompt', 'size', 'response_format'],
);

const TEXT_PART = closed({ type: { const: 'text' }, text: { type: 'string' } }, ['type', 'text']);
const IMAGE_PART = closed(
  {
    type: { const: 'image_url' },
    image_url: closed(
      {
        url: { type: 'string', pattern: '^data:image/jpeg;base64,[A-Za-z0-9+/]+={0,2}$' },
        detail: { enum: ['auto', 'low', 'high', 'original'] },
      },
      ['url'],
    ),
  },
  ['type', 'image_url'],
);
const MESSAGE: Schema = {
  oneOf: [
    closed({ role: { const: 'system' }, content: { type: 'string', minLength: 1 } }, [
      'role',
      'content',
    ]),
    closed({ role: { const: 'assistant' }, content: { type: 'string', minLength: 1 } }, [
      'role',
      'content',
    ]),
    closed(
      {
        role: { const: 'user' },
        content: {
          oneOf: [
            { type: 'string', minLength: 1 },
            { type: 'array', minItems: 1, items: { oneOf: [TEXT_PART, IMAGE_PART] } },
          ],
        },
      },
      ['role', 'content'],
    ),
  ],
};

/** CreateChatCompletionRequest, as far as we use it; `max_tokens` is deprecated and so not listed. */
const CHAT: Schema = closed(
  {
    model: { type: 'string', minLength: 1 },
    messages: { type: 'array', minItems: 1, items: MESSAGE },
    max_completion_tokens: { type: 'integer', minimum: 1 },
    response_format: closed(
      {
        type: { const: 'json_schema' },
        json_schema: closed(
          {
            name: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
            strict: { const: true },
            schema: { type: 'object' },
          },
          ['name', 'strict', 'schema'],
        ),
      },
      ['type', 'json_schema'],
    ),
  },
  ['model', 'messages', 'max_completion_tokens', 'response_format'],
);

/** Keywords of the strict subset (Structured Outputs guide). */
const STRICT_KEYWORDS = new Set([
  'type',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'enum',
  'const',
  'anyOf',
  '$defs',
  '$ref',
  'description',
  'pattern',
  'format',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
]);

const findStrictFaults = (schema: unknown, path = ''): string[] => {
  if (typeof schema !== 'object' || schema === null) return [];
  const node = schema as Record<string, unknown>;
  const faults = Object.keys(node)
    .filter((key) => !STRICT_KEYWORDS.has(key))
    .map((key) => `${path}: ${key} is not in the strict subset`);
  if (node['type'] === 'object') {
    const properties = (node['properties'] ?? {}) as Record<string, unknown>;
    const required = (node['required'] ?? []) as string[];
    if (node['additionalProperties'] !== false) faults.push(`${path}: additionalProperties`);
    for (const [name, child] of Object.entries(properties)) {
      if (!required.includes(name)) faults.push(`${path}: ${name} is not required`);
      faults.push(...findStrictFaults(child, `${path}/${name}`));
    }
  }
  return [...faults, ...findStrictFaults(node['items'], `${path}/items`)];
};

/** Documented bounds of free sizes: multiples of 16, 1:3 to 3:1, edge and pixels. */
const findSizeFaults = (model: string, size: string): string[] => {
  const [width = 0, height = 0] = size.split('x').map(Number);
  if (model === 'gpt-image-1.5') {
    return ['1024x1024', '1536x1024', '1024x1536'].includes(size) ? [] : [`size ${size}`];
  }
  const pixels = width * height;
  const isFine =
    width % 16 === 0 &&
    height % 16 === 0 &&
    Math.max(width, height) <= 3_840 &&
    Math.max(width, height) <= 3 * Math.min(width, height) &&
    pixels >= 655_360 &&
    pixels <= 8_294_400;
  return isFine ? [] : [`size ${size} is out of bounds`];
};

const findEditFaults = async (request: ReceivedRequest): Promise<string[]> => {
  const form = await parseForm(request);
  const fields = Object.fromEntries([...form].filter(([, value]) => typeof value === 'string'));
  const files = [...form].filter(([, value]) => typeof value !== 'string');
  const faults = findSchemaFaults(EDIT_FIELDS, fields);
  if (files.length !== 1 || files[0]?.[0] !== 'image') faults.push('exactly one file named image');
  const file = form.get('image');
  if (file instanceof File) {
    if (file.type !== 'image/jpeg') faults.push(`image is sent as ${file.type}`);
    faults.push(...(await findPhotoFaults(Buffer.from(await file.arrayBuffer()))));
  }
  faults.push(...findSizeFaults(String(fields['model']), String(fields['size'])));
  return faults;
};

const findChatFaults = async (body: unknown): Promise<string[]> => {
  const faults = findSchemaFaults(CHAT, body);
  if (faults.length > 0) return faults;
  const chat = body as {
    messages: { content: string | { image_url?: { url: string } }[] }[];
    response_format: { json_schema: { schema: unknown } };
  };
  faults.push(...findStrictFaults(chat.response_format.json_schema.schema, 'schema'));
  const urls = chat.messages
    .flatMap(({ content }) => (typeof content === 'string' ? [] : content))
    .flatMap((part) => (part.image_url ? [part.image_url.url] : []));
  if (urls.length !== 1) faults.push('exactly one photo');
  for (const url of urls) {
    faults.push(...(await findPhotoFaults(Buffer.from(url.split(',')[1] ?? '', 'base64'), 1_024)));
  }
  return faults;
};

const findFaults = async (request: ReceivedRequest): Promise<string[]> => {
  const { method, url, body, headers } = request;
  const isJson = String(headers['content-type']).startsWith('application/json');
  switch (`${method} ${url.pathname}`) {
    case 'POST /v1/images/edits':
      return findEditFaults(request);
    case 'POST /v1/images/generations':
      return isJson ? findSchemaFaults(GENERATION, JSON.parse(body.toString())) : ['not JSON'];
    case 'POST /v1/chat/completions':
      return isJson ? findChatFaults(JSON.parse(body.toString())) : ['not JSON'];
    case 'GET /v1/models':
      return [];
    default:
      return [`no such route: ${method} ${url.pathname}`];
  }
};

export const openAiError = (
  code: string | null,
  type = 'invalid_request_error',
  message = 'LEAK-BODY says the vendor',
): object => ({ error: { message, type, param: null, code } });

/** What the model says, as a whole completion. */
export const completionOf = (
  content: string | null,
  more: { readonly refusal?: string; readonly finish?: string } = {},
): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-6-luna',
  choices: [
    {
      index: 0,
      finish_reason: more.finish ?? 'stop',
      logprobs: null,
      message: { role: 'assistant', content, refusal: more.refusal ?? null },
    },
  ],
  usage: { prompt_tokens: 1_000, completion_tokens: 200, total_tokens: 1_200 },
});

export const pictureAnswer = (base64: string): object => ({
  created: 1,
  data: [{ b64_json: base64 }],
  background: 'opaque',
  output_format: 'jpeg',
  quality: 'medium',
  size: '1536x1024',
  usage: {
    input_tokens: 1_100,
    input_tokens_details: { image_tokens: 1_000, text_tokens: 100 },
    output_tokens: 500,
    total_tokens: 1_600,
  },
});

export interface OpenAiUpstream extends LocalServer {
  /** Answers of one route, used in turn; the last stays. */
  answer(path: string, ...answers: readonly Respond[]): void;
}

/** A server that takes what OpenAI's documents allow and nothing else. */
export const startOpenAiUpstream = async (key = OPENAI_KEY): Promise<OpenAiUpstream> => {
  const answers = new Map<string, Respond[]>();
  const next = (path: string): Respond | undefined => {
    const list = answers.get(path) ?? [];
    return list.length > 1 ? list.shift() : list[0];
  };
  const refuse = (response: ServerResponse, status: number, faults: readonly string[]): void =>
    sendJson(response, status, openAiError('invalid_value', undefined, faults.join('; ')));
  const server = await startLocalServer(async (request, response, violations) => {
    if (request.headers.authorization !== `Bearer ${key}`) {
      violations.push('authorization');
      refuse(response, 401, ['authorization']);
      return;
    }
    const faults = await findFaults(request);
    if (faults.length > 0) {
      violations.push(...faults);
      refuse(response, 400, faults);
      return;
    }
    const answer = next(request.url.pathname);
    if (answer) await answer(request, response);
    else sendJson(response, 404, openAiError('not_found'));
  });
  return {
    ...server,
    answer: (path, ...list) => void answers.set(`/v1${path}`, [...list]),
  };
};

export const json =
  (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Respond =>
  (_, response) =>
    sendJson(response, status, body, headers);
