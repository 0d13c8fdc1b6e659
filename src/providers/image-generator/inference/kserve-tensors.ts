import { type InferenceJob } from './inference-protocol.js';

export type Datatype = 'BYTES' | 'FP32' | 'INT64';

/** One tensor of shape [1], in both forms of the protocol. */
export interface Tensor {
  readonly name: string;
  readonly datatype: Datatype;
  /** For the JSON form. */
  readonly json: string | number;
  /** MLServer's hint for BYTES in JSON: `base64` or `str`. */
  readonly contentType?: 'base64' | 'str';
  /** For the binary extension: little-endian; BYTES as length and bytes. */
  readonly binary: Buffer;
}

const LENGTH_BYTES = 4;

const withLength = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
};

const textTensor = (name: string, text: string): Tensor => ({
  name,
  datatype: 'BYTES',
  json: text,
  contentType: 'str',
  binary: withLength(Buffer.from(text, 'utf8')),
});

const floatTensor = (name: string, value: number): Tensor => {
  const binary = Buffer.alloc(4);
  binary.writeFloatLE(value);
  return { name, datatype: 'FP32', json: value, binary };
};

const integerTensor = (name: string, value: number): Tensor => {
  const binary = Buffer.alloc(8);
  binary.writeBigInt64LE(BigInt(value));
  return { name, datatype: 'INT64', json: value, binary };
};

export const toTensors = (job: InferenceJob): readonly Tensor[] => {
  const names = job.settings.kserve;
  return [
    {
      name: names.image,
      datatype: 'BYTES',
      json: job.image.toString('base64'),
      contentType: 'base64',
      binary: withLength(job.image),
    },
    textTensor(names.prompt, job.prompt),
    ...(names.negative_prompt ? [textTensor(names.negative_prompt, job.negativePrompt)] : []),
    ...(names.strength ? [floatTensor(names.strength, job.strength)] : []),
    ...(names.seed && job.seed !== null ? [integerTensor(names.seed, job.seed)] : []),
  ];
};

/** First element of a BYTES tensor of the binary extension; undefined when it is cut off. */
export const firstElement = (tensor: Buffer): Buffer | undefined => {
  if (tensor.length < LENGTH_BYTES) return undefined;
  const end = LENGTH_BYTES + tensor.readUInt32LE(0);
  return end <= tensor.length ? tensor.subarray(LENGTH_BYTES, end) : undefined;
};
