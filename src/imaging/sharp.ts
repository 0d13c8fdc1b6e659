/**
 * The only door to sharp (a lint rule keeps it so): whoever imports it here gets the loader
 * allow-list. Anything else that libvips could open (SVG, PDF, TIFF, raw ...) is "unsupported".
 * Source of the switch: https://sharp.pixelplumbing.com/api-utility/#block
 */
import sharp from 'sharp';

const ALLOWED_LOADERS = [
  'VipsForeignLoadJpegBuffer',
  'VipsForeignLoadPngBuffer',
  'VipsForeignLoadWebpBuffer',
  // AVIF; HEVC-coded HEIC is recognised here and cannot be decoded by the prebuilt libvips.
  'VipsForeignLoadHeifBuffer',
  'VipsForeignLoadNsgifBuffer',
];

sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: ALLOWED_LOADERS });
// Every photo is seen once, so libvips' operation cache would only hold memory.
sharp.cache(false);

export { sharp };
export type { OutputInfo, Sharp } from 'sharp';
