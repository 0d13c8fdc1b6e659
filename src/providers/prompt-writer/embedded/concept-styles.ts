import { type Concept } from '../../../generation/domain/concept.js';

export interface ConceptStyle {
  /** How the picture is drawn. */
  readonly style: string;
  /** What would break this look. */
  readonly avoid: string;
}

export const CONCEPT_STYLES: Record<Concept, ConceptStyle> = {
  BASIC: {
    style:
      'a photorealistic interior photograph, natural lens perspective, true-to-life materials, soft realistic shadows, magazine-quality styling that still looks lived in',
    avoid: 'a 3D-render look, oversaturated colours, fisheye distortion',
  },
  MSPAINT: {
    style:
      'a playful MS Paint drawing, flat bucket-fill colours, thick wobbly mouse-drawn outlines, visible hard pixel edges, a small default palette, no gradients',
    avoid: 'photographic texture, smooth gradients, realistic shading',
  },
  SIMPLE: {
    style:
      'a clean minimalist interior photograph, only the essential objects, generous empty space, hidden storage, calm two-tone palette with one accent, even diffused light',
    avoid: 'small decorations, busy patterns, more than a few objects on the desk top',
  },
  OIL: {
    style:
      'a classical oil painting on canvas, visible confident brush strokes, rich layered pigments, warm painterly light and deep soft shadows',
    avoid: 'photographic sharpness, hard outlines, flat digital colour',
  },
  CARTOON: {
    style:
      'a cheerful cartoon illustration, clean bold outlines, cel shading with two or three tones, slightly rounded friendly shapes, bright harmonious colours',
    avoid: 'photographic texture, gritty detail, characters or faces',
  },
};
