import { type Concept } from '../../../generation/domain/concept.js';

/** What goes to the worker thread. */
export interface RenderJob {
  /** Interleaved RGB, 8 bits a channel. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
  readonly concept: Concept;
  readonly seed: number | null;
}

/** What comes back: the same size, the same layout. */
export interface RenderedPixels {
  readonly pixels: Uint8Array<ArrayBuffer>;
}
