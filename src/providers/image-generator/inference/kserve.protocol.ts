import { z } from 'zod';

import { type UpstreamAnswer } from '../../upstream/upstream-client.js';
import {
  type DrawnPicture,
  type InferenceJob,
  type InferenceProtocol,
  jsonRequest,
  parseJson,
  type PreparedRequest,
} from './inference-protocol.js';
import { firstElement, type Tensor, toTensors } from './kserve-tensors.js';

const HEADER_LENGTH = 'inference-header-content-length';

const inferAnswer = z.object({
  outputs: z
    .array(
      z.object({
        name: z.string(),
        datatype: z.string(),
        data: z.array(z.unknown()).nullish(),
        parameters: z.object({ binary_data_size: z.int().nonnegative().nullish() }).nullish(),
      }),
    )
    .min(1),
});
type InferAnswer = z.infer<typeof inferAnswer>;

const modelAnswer = z.object({ name: z.string(), versions: z.array(z.string()).nullish() });

const inferPath = (model: string): string => `/v2/models/${encodeURIComponent(model)}/infer`;

const describe = ({ name, datatype }: Tensor): object => ({ name, shape: [1], datatype });

const toJsonRequest = (job: InferenceJob): PreparedRequest =>
  jsonRequest(inferPath(job.model), {
    inputs: toTensors(job).map((tensor) => ({
      ...describe(tensor),
      ...(tensor.contentType ? { parameters: { content_type: tensor.contentType } } : {}),
      data: [tensor.json],
    })),
    outputs: [{ name: job.settings.kserve.output }],
  });

const toBinaryRequest = (job: InferenceJob): PreparedRequest => {
  const tensors = toTensors(job);
  const header = Buffer.from(
    JSON.stringify({
      inputs: tensors.map((tensor) => ({
        ...describe(tensor),
        parameters: { binary_data_size: tensor.binary.length },
      })),
      outputs: [{ name: job.settings.kserve.output, parameters: { binary_data: true } }],
    }),
  );
  return {
    path: inferPath(job.model),
    method: 'POST',
    headers: {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(header.length),
    },
    body: new Uint8Array(Buffer.concat([header, ...tensors.map(({ binary }) => binary)])),
  };
};

/** The output that holds the picture: the first of type BYTES, since we asked for one only. */
const fromBinary = (answer: InferAnswer, tensors: Buffer): DrawnPicture | undefined => {
  let at = 0;
  for (const { datatype, parameters } of answer.outputs) {
    const size = parameters?.binary_data_size ?? 0;
    const bytes = tensors.subarray(at, at + size);
    at += size;
    if (datatype !== 'BYTES' || bytes.length < size || size === 0) continue;
    const picture = firstElement(bytes);
    return picture && { bytes: picture };
  }
  return undefined;
};

const fromJson = (answer: InferAnswer): DrawnPicture | undefined => {
  const output = answer.outputs.find(({ datatype }) => datatype === 'BYTES');
  const element: unknown = output?.data?.[0];
  return typeof element === 'string' ? { base64: element } : undefined;
};

/** A server may answer in JSON although binary was asked for; the header says what came. */
const parse = ({ headers, bytes }: UpstreamAnswer): DrawnPicture | undefined => {
  const length = headers.get(HEADER_LENGTH);
  if (length === null) return fromJson(inferAnswer.parse(parseJson(bytes)));
  const end = z.coerce.number().int().nonnegative().max(bytes.length).parse(length);
  const answer = inferAnswer.parse(parseJson(bytes.subarray(0, end)));
  return fromBinary(answer, bytes.subarray(end)) ?? fromJson(answer);
};

const common = {
  operation: 'infer',
  parse,
  statusPath: (model: string): string => `/v2/models/${encodeURIComponent(model)}`,
  parseStatus: ({ bytes }: UpstreamAnswer) => {
    const { name, versions } = modelAnswer.parse(parseJson(bytes));
    return { name, version: versions?.at(-1) ?? null };
  },
};

/**
 * Open Inference Protocol v2, JSON form; BYTES as base64 strings with MLServer's `content_type`.
 * Source: kserve/open-inference-protocol specification/protocol/inference_rest.md,
 * MLServer docs/user-guide/content-type.md.
 */
export const kserveProtocol: InferenceProtocol = { ...common, toRequest: toJsonRequest };

/** The binary extension. Source: triton server docs/protocol/extension_binary_data.md. */
export const kserveBinaryProtocol: InferenceProtocol = { ...common, toRequest: toBinaryRequest };
