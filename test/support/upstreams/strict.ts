import { Ajv, type Schema } from 'ajv';

import { sharp } from '../../../src/imaging/sharp.js';
import { type ReceivedRequest } from './local-server.js';

const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });

/** Sentences about what is wrong; schemas are closed, so an unknown field is wrong. */
export const findSchemaFaults = (schema: Schema, value: unknown): string[] => {
  const validate = ajv.compile(schema);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
};

export const closed = (
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[],
): Schema => ({
  type: 'object',
  additionalProperties: false,
  required: [...required],
  properties: { ...properties },
});

export const parseForm = async (request: ReceivedRequest): Promise<FormData> =>
  // The platform's own multipart parser: it throws on anything that is no form.
  new Response(new Uint8Array(request.body), {
    headers: { 'content-type': request.headers['content-type'] ?? '' },
  }).formData();

/** A sent photo has to be a JPEG without any metadata; `maxSide` in pixels. */
export const findPhotoFaults = async (bytes: Buffer, maxSide = 2_048): Promise<string[]> => {
  const faults: string[] = [];
  const metadata = await sharp(bytes)
    .metadata()
    .catch(() => undefined);
  if (!metadata) return ['photo cannot be read'];
  if (metadata.format !== 'jpeg') faults.push(`photo is ${metadata.format}`);
  if (metadata.exif || metadata.xmp || metadata.iptc) faults.push('photo carries metadata');
  if (Math.max(metadata.width, metadata.height) > maxSide) faults.push('photo is too large');
  return faults;
};
