import { type Readable } from 'node:stream';

import { v7 as uuidv7 } from 'uuid';

export const IMAGE_STORE = Symbol('IMAGE_STORE');

/** `<id>.<extension>`, lower case; see {@link isImageName}. */
export type ImageName = string;

const IMAGE_NAME = /^[a-z0-9][a-z0-9-]{0,98}\.(?:jpg|png|webp|svg)$/;

/** Names are made by us; this keeps a name from the outside from ever becoming a path. */
export const isImageName = (value: string): value is ImageName => IMAGE_NAME.test(value);

const UPLOAD_NAME = /^[a-z0-9][a-z0-9-]{0,91}-upload\.jpg$/;

/** Photos that clients bring themselves; no picture of ours is named like that. */
export const isUploadName = (value: string): value is ImageName => UPLOAD_NAME.test(value);
export const newUploadName = (): ImageName => `${uuidv7()}-upload.jpg`;

export type ImageAccess =
  | {
      readonly kind: 'stream';
      readonly stream: Readable;
      readonly contentType: string;
      readonly sizeBytes: number;
      readonly etag: string;
    }
  | { readonly kind: 'redirect'; readonly url: string; readonly maxAgeSeconds: number };

export const UPLOAD_METHODS = ['PUT', 'POST'] as const;
/** The body is the photo, or a form whose last field `file` is the photo. */
export type UploadMethod = (typeof UPLOAD_METHODS)[number];

export interface UploadRequest {
  /** See {@link newUploadName}. */
  readonly name: ImageName;
  readonly contentType: string;
  readonly maxBytes: number;
}

export interface UploadTicket {
  /** May be another one than was asked for. */
  readonly method: UploadMethod;
  readonly uploadUrl: string;
  /** Headers that the client has to send exactly so. */
  readonly headers: Readonly<Record<string, string>>;
  /** Fields that a form has to have, before `file`. */
  readonly fields: Readonly<Record<string, string>>;
  readonly expiresAt: Date;
}

export interface ImageStore {
  readonly name: string;
  /** Stores durably; the same name again replaces the picture. */
  put(name: ImageName, bytes: Buffer, contentType: string): Promise<void>;
  find(name: ImageName): Promise<Buffer | undefined>;
  /** Deleting what is not there is no error. */
  delete(name: ImageName): Promise<void>;
  /** How `GET /images/{name}` answers; undefined when there is no such picture. */
  open(name: ImageName): Promise<ImageAccess | undefined>;
  /** Permanent link, at most 255 characters, the same for ever. */
  publicUrl(name: ImageName): string;
  createUpload(request: UploadRequest, method?: UploadMethod): Promise<UploadTicket>;
  /** Resolves when the store can be written to; rejects with the reason otherwise. */
  check(signal: AbortSignal): Promise<void>;
}
