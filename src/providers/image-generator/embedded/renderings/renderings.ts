import { type Concept } from '../../../../generation/domain/concept.js';
import { type Random } from '../random.js';
import { type Raster } from '../raster.js';
import { renderBasic } from './basic.rendering.js';
import { renderCartoon } from './cartoon.rendering.js';
import { renderMspaint } from './mspaint.rendering.js';
import { renderOil } from './oil.rendering.js';
import { renderSimple } from './simple.rendering.js';

/** Redraws a photo at its own size. The photo's planes may be overwritten. */
export type Rendering = (photo: Raster, random: Random) => Raster;

export const RENDERINGS: Record<Concept, Rendering> = {
  BASIC: renderBasic,
  MSPAINT: renderMspaint,
  SIMPLE: renderSimple,
  OIL: renderOil,
  CARTOON: renderCartoon,
};
