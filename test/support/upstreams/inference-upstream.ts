import { type Schema } from 'ajv';

import {
  type LocalServer,
  type ReceivedRequest,
  type Respond,
  sendJson,
  startLocalServer,
} from './local-server.js';
import { closed, findPhotoFaults, findSchemaFaults, parseForm } from './strict.js';

export const INFERENCE_TOKEN = 'LEAK-KEY-inference';
export const INFERENCE_MODEL = 'desk-redesign';

const digits: Schema = { type: 'string', pattern: '^\\d+$' };
const decimal: Schema = { type: 'string', pattern: '^\\d+(?:\\.\\d+)?$' };

/** vLLM-Omni serving/image_edit_api: OpenAI's fields and its own beside them. */
const EDIT_FIELDS = closed(
  {
    model: { const: INFERENCE_MODEL },
    prompt: { type: 'string', minLength: 1 },
    n: { const: '1' },
    size: { type: 'string', pattern: '^\\d{2,4}x\\d{2,4}$' },
    response_format: { enum: ['b64_json', 'url'] },
    negative_prompt: { type: 'string' },
    num_inference_steps: digits,
    guidance_scale: decimal,
    strength: decimal,
    seed: digits,
  },
  ['model', 'prompt', 'n', 'size'],
);

/** StableDiffusionImg2ImgProcessingAPI of AUTOMATIC1111, as far as we use it. */
const IMG2IMG = closed(
  {
    init_images: {
      type: 'array',
      minItems: 1,
      maxItems: 1,
      items: { type: 'string', pattern: '^[A-Za-z0-9+/]+={0,2}$' },
    },
    prompt: { type: 'string', minLength: 1 },
    negative_prompt: { type: 'string' },
    denoising_strength: { type: 'number', minimum: 0, maximum: 1 },
    steps: { type: 'integer', minimum: 1 },
    cfg_scale: { type: 'number' },
    seed: { type: 'integer', minimum: -1 },
    width: { type: 'integer', multipleOf: 8 },
    height: { type: 'integer', multipleOf: 8 },
    batch_size: { const: 1 },
    n_iter: { const: 1 },
    send_images: { const: true },
    save_images: { const: false },
    sampler_name: { type: 'string' },
  },
  ['init_images', 'prompt', 'negative_prompt', 'denoising_strength', 'seed', 'width', 'height'],
);

const input = (name: string, datatype: string, data: Schema, contentType?: string): Schema =>
  closed(
    {
      name: { const: name },
      shape: { const: [1] },
      datatype: { const: datatype },
      data: { type: 'array', minItems: 1, maxItems: 1, items: data },
      ...(contentType
        ? { parameters: closed({ content_type: { const: contentType } }, ['content_type']) }
        : {}),
    },
    ['name', 'shape', 'datatype', 'data', ...(contentType ? ['parameters'] : [])],
  );

/** Open Inference Protocol v2, JSON form. */
const INFER = closed(
  {
    inputs: {
      type: 'array',
      minItems: 4,
      maxItems: 5,
      items: {
        oneOf: [
          input('image', 'BYTES', { type: 'string', pattern: '^[A-Za-z0-9+/]+={0,2}$' }, 'base64'),
          input('prompt', 'BYTES', { type: 'string', minLength: 1 }, 'str'),
          input('negative_prompt', 'BYTES', { type: 'string' }, 'str'),
          input('strength', 'FP32', { type: 'number', minimum: 0, maximum: 1 }),
          input('seed', 'INT64', { type: 'integer' }),
        ],
      },
    },
    outputs: {
      type: 'array',
      minItems: 1,
      maxItems: 1,
      items: closed({ name: { const: 'image' } }, ['name']),
    },
  },
  ['inputs', 'outputs'],
);

const binaryInput = (name: string, datatype: string): Schema =>
  closed(
    {
      name: { const: name },
      shape: { const: [1] },
      datatype: { const: datatype },
      parameters: closed({ binary_data_size: { type: 'integer', minimum: 4 } }, [
        'binary_data_size',
      ]),
    },
    ['name', 'shape', 'datatype', 'parameters'],
  );

/** Its binary extension: the header; the tensors follow it. */
const BINARY_HEADER = closed(
  {
    inputs: {
      type: 'array',
      minItems: 4,
      maxItems: 5,
      items: {
        oneOf: [
          binaryInput('image', 'BYTES'),
          binaryInput('prompt', 'BYTES'),
          binaryInput('negative_prompt', 'BYTES'),
          binaryInput('strength', 'FP32'),
          binaryInput('seed', 'INT64'),
        ],
      },
    },
    outputs: {
      type: 'array',
      minItems: 1,
      maxItems: 1,
      items: closed(
        {
          name: { const: 'image' },
          parameters: closed({ binary_data: { const: true } }, ['binary_data']),
        },
        ['name', 'parameters'],
      ),
    },
  },
  ['inputs', 'outputs'],
);

interface Drawing {
  readonly prompt: string;
  readonly seed: number | null;
}

interface Reading {
  readonly faults: string[];
  readonly drawing?: Drawing;
}

const readEdit = async (request: ReceivedRequest): Promise<Reading> => {
  const form = await parseForm(request);
  const fields = Object.fromEntries([...form].filter(([, value]) => typeof value === 'string'));
  const faults = findSchemaFaults(EDIT_FIELDS, fields);
  const file = form.get('image');
  if (file instanceof File)
    faults.push(...(await findPhotoFaults(Buffer.from(await file.arrayBuffer()))));
  else faults.push('one file named image');
  const seed = fields['seed'] === undefined ? null : Number(fields['seed']);
  return { faults, drawing: { prompt: String(fields['prompt']), seed } };
};

const readImg2img = async (request: ReceivedRequest): Promise<Reading> => {
  const body = JSON.parse(request.body.toString()) as {
    init_images: [string];
    prompt: string;
    seed: number;
  };
  const faults = findSchemaFaults(IMG2IMG, body);
  if (faults.length > 0) return { faults };
  faults.push(...(await findPhotoFaults(Buffer.from(body.init_images[0], 'base64'))));
  return { faults, drawing: { prompt: body.prompt, seed: body.seed === -1 ? null : body.seed } };
};

const readInfer = async (request: ReceivedRequest): Promise<Reading> => {
  const body = JSON.parse(request.body.toString()) as {
    inputs: { name: string; data: [string | number] }[];
  };
  const faults = findSchemaFaults(INFER, body);
  if (faults.length > 0) return { faults };
  const value = (name: string): string | number | undefined =>
    body.inputs.find((tensor) => tensor.name === name)?.data[0];
  faults.push(...(await findPhotoFaults(Buffer.from(String(value('image')), 'base64'))));
  const seed = value('seed');
  return {
    faults,
    drawing: { prompt: String(value('prompt')), seed: seed === undefined ? null : Number(seed) },
  };
};

const readBinaryInfer = async (request: ReceivedRequest): Promise<Reading> => {
  const end = Number(request.headers['inference-header-content-length']);
  if (request.headers['content-type'] !== 'application/octet-stream')
    return { faults: ['content-type'] };
  const header = JSON.parse(request.body.subarray(0, end).toString()) as {
    inputs: { name: string; datatype: string; parameters: { binary_data_size: number } }[];
  };
  const faults = findSchemaFaults(BINARY_HEADER, header);
  if (faults.length > 0) return { faults };
  let at = end;
  const tensors = new Map<string, Buffer>();
  for (const { name, datatype, parameters } of header.inputs) {
    const tensor = request.body.subarray(at, at + parameters.binary_data_size);
    at += parameters.binary_data_size;
    if (datatype === 'BYTES' && tensor.readUInt32LE(0) !== tensor.length - 4)
      faults.push(`${name} length`);
    tensors.set(name, datatype === 'BYTES' ? tensor.subarray(4) : tensor);
  }
  if (at !== request.body.length) faults.push('bytes are left over');
  faults.push(...(await findPhotoFaults(tensors.get('image') ?? Buffer.alloc(0))));
  const strength = tensors.get('strength')?.readFloatLE(0) ?? -1;
  if (strength < 0 || strength > 1) faults.push('strength');
  const seed = tensors.get('seed');
  return {
    faults,
    drawing: {
      prompt: String(tensors.get('prompt')),
      seed: seed ? Number(seed.readBigInt64LE(0)) : null,
    },
  };
};

const routes: Readonly<Record<string, (request: ReceivedRequest) => Promise<Reading>>> = {
  'POST /v1/images/edits': readEdit,
  'POST /sdapi/v1/img2img': readImg2img,
  [`POST /v2/models/${INFERENCE_MODEL}/infer`]: (request) =>
    request.headers['inference-header-content-length'] === undefined
      ? readInfer(request)
      : readBinaryInfer(request),
};

const STATUS: Readonly<Record<string, object>> = {
  'GET /v1/models': { object: 'list', data: [{ id: INFERENCE_MODEL, object: 'model' }] },
  'GET /sdapi/v1/options': { sd_model_checkpoint: 'desk.safetensors [0a1b2c3d]' },
  [`GET /v2/models/${INFERENCE_MODEL}`]: {
    name: INFERENCE_MODEL,
    versions: ['1', '2'],
    platform: 'pytorch',
    inputs: [],
    outputs: [],
  },
};

const draw = (request: ReceivedRequest, picture: Buffer): Respond => {
  const base64 = picture.toString('base64');
  const output = { name: 'image', shape: [1], datatype: 'BYTES' };
  if (request.url.pathname.startsWith('/v1')) {
    return (_, response) => sendJson(response, 200, { created: 1, data: [{ b64_json: base64 }] });
  }
  if (request.url.pathname.startsWith('/sdapi')) {
    return (_, response) =>
      sendJson(response, 200, { images: [base64], parameters: {}, info: '{}' });
  }
  if (request.headers['inference-header-content-length'] === undefined) {
    return (_, response) =>
      sendJson(response, 200, {
        model_name: INFERENCE_MODEL,
        id: '1',
        outputs: [{ ...output, data: [base64], parameters: { content_type: 'base64' } }],
      });
  }
  const tensor = Buffer.alloc(4 + picture.length);
  tensor.writeUInt32LE(picture.length);
  picture.copy(tensor, 4);
  const header = Buffer.from(
    JSON.stringify({
      model_name: INFERENCE_MODEL,
      outputs: [{ ...output, parameters: { binary_data_size: tensor.length } }],
    }),
  );
  return (_, response) =>
    void response
      .writeHead(200, {
        'content-type': 'application/octet-stream',
        'inference-header-content-length': String(header.length),
      })
      .end(Buffer.concat([header, tensor]));
};

export interface InferenceUpstream extends LocalServer {
  readonly drawings: Drawing[];
  /** Most drawings that were under way at the same time. */
  readonly peak: () => number;
  /** Replaces the next answers. */
  answer(respond: Respond | undefined): void;
}

/** One server for all four protocols; what it receives has to be right to the last field. */
export const startInferenceUpstream = async (picture: Buffer): Promise<InferenceUpstream> => {
  const drawings: Drawing[] = [];
  let instead: Respond | undefined;
  let active = 0;
  let peak = 0;
  const server = await startLocalServer(async (request, response, violations) => {
    const route = `${request.method} ${request.url.pathname}`;
    if (request.headers.authorization !== `Bearer ${INFERENCE_TOKEN}`) {
      violations.push('authorization');
      sendJson(response, 401, { detail: 'authorization' });
      return;
    }
    if (instead) {
      await instead(request, response);
      return;
    }
    const state = STATUS[route];
    if (state) {
      sendJson(response, 200, state);
      return;
    }
    active += 1;
    peak = Math.max(peak, active);
    const reading = (await routes[route]?.(request)) ?? { faults: [`no such route: ${route}`] };
    // Long enough for a second request to show up if there were one.
    await new Promise((resolve) => setTimeout(resolve, 30));
    active -= 1;
    violations.push(...reading.faults);
    if (reading.faults.length > 0) {
      sendJson(response, 422, { detail: reading.faults });
      return;
    }
    if (reading.drawing) drawings.push(reading.drawing);
    await draw(request, picture)(request, response);
  });
  return { ...server, drawings, peak: () => peak, answer: (respond) => void (instead = respond) };
};
