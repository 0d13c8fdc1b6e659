import { denoise } from './denoise.js';
import { type Raster } from './raster.js';
import { adjustTone, type ToneOptions } from './tone.js';
import { applyGains, measureWhiteBalance } from './white-balance.js';

/** What every rendering starts from: neutral light, a clean picture, a sound exposure. */
export const correctPhoto = (raster: Raster, tone: ToneOptions): void => {
  applyGains(raster, measureWhiteBalance(raster));
  adjustTone(raster, tone);
  // After the lift, so that what it made visible in the shadows is measured and cleaned as well.
  denoise(raster);
};
