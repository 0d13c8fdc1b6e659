import { correctPhoto } from '../correct-photo.js';
import { addGlow, addVibrance, addWarmLight, drawWindowLight, sharpen } from '../light.js';
import { type Random } from '../random.js';
import { type Raster } from '../raster.js';

/** The same desk on a good day: clean, well exposed, in warm window light. */
export const renderBasic = (photo: Raster, random: Random): Raster => {
  correctPhoto(photo, { target: 0.54, detail: 1.45 });
  addVibrance(photo, 0.28);
  addWarmLight(photo, drawWindowLight(random), 1);
  addGlow(photo, 0.2);
  sharpen(photo, 0.7);
  return photo;
};
