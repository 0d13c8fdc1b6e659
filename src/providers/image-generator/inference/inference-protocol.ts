import { type UpstreamAnswer, type UpstreamRequest } from '../../upstream/upstream-client.js';
import { type InferenceSettings } from './inference-settings.js';

/** One picture to draw, with everything that was configured for its concept. */
export interface InferenceJob {
  readonly model: string;
  /** JPEG. */
  readonly image: Buffer;
  readonly width: number;
  readonly height: number;
  readonly prompt: string;
  readonly negativePrompt: string;
  /** 0 keeps the photo, 1 ignores it. */
  readonly strength: number;
  readonly seed: number | null;
  readonly settings: InferenceSettings;
}

export interface PreparedRequest extends UpstreamRequest {
  /** Begins with a slash and is appended to the base address. */
  readonly path: string;
}

/** Where the picture is: in the answer, or at a path of the same server. */
export type DrawnPicture =
  { readonly base64: string } | { readonly bytes: Buffer } | { readonly path: string };

export interface ServerModel {
  /** What the server says it has loaded; null when it does not say. */
  readonly name: string | null;
  readonly version: string | null;
}

/**
 * What one kind of inference server speaks. Pure translation both ways: the exchange itself, its limits
 * and its errors are the same for all of them.
 */
export interface InferenceProtocol {
  readonly operation: string;
  toRequest(job: InferenceJob): PreparedRequest;
  /** @returns undefined when the answer holds no picture; parsers may throw what they like */
  parse(answer: UpstreamAnswer): DrawnPicture | undefined;
  /** A cheap GET that tells whether the server and its model are there. */
  statusPath(model: string): string;
  /** @returns undefined when the answer does not speak for a working server */
  parseStatus(answer: UpstreamAnswer, model: string): ServerModel | undefined;
}

export const parseJson = (bytes: Buffer): unknown => JSON.parse(bytes.toString('utf8'));

export const jsonRequest = (path: string, body: object): PreparedRequest => ({
  path,
  method: 'POST',
  headers: { 'content-type': 'application/json', accept: 'application/json' },
  body: JSON.stringify(body),
});
