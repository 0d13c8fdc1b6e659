import { z } from 'zod';

import { type InferenceProtocol, jsonRequest, parseJson } from './inference-protocol.js';

const img2imgAnswer = z.object({ images: z.array(z.string().min(1)).min(1) });
const optionsAnswer = z.object({ sd_model_checkpoint: z.string().nullish() });

/** AUTOMATIC1111's word for "any seed". */
const ANY_SEED = -1;

/**
 * AUTOMATIC1111 `POST /sdapi/v1/img2img`, also spoken by sd-server, Forge and SD.Next.
 * Source: stable-diffusion-webui modules/api/models.py (StableDiffusionImg2ImgProcessingAPI).
 */
export const sdapiProtocol: InferenceProtocol = {
  operation: 'img2img',
  toRequest: (job) =>
    jsonRequest('/sdapi/v1/img2img', {
      init_images: [job.image.toString('base64')],
      prompt: job.prompt,
      negative_prompt: job.negativePrompt,
      denoising_strength: job.strength,
      steps: job.settings.steps,
      cfg_scale: job.settings.guidance_scale,
      seed: job.seed ?? ANY_SEED,
      width: job.width,
      height: job.height,
      batch_size: 1,
      n_iter: 1,
      send_images: true,
      save_images: false,
      ...(job.settings.sdapi.sampler_name === null
        ? {}
        : { sampler_name: job.settings.sdapi.sampler_name }),
    }),
  parse: ({ bytes }) => {
    const [base64] = img2imgAnswer.parse(parseJson(bytes)).images;
    return base64 === undefined ? undefined : { base64 };
  },
  statusPath: () => '/sdapi/v1/options',
  parseStatus: ({ bytes }) => {
    const { sd_model_checkpoint: checkpoint } = optionsAnswer.parse(parseJson(bytes));
    // `name.safetensors [hash]`: the hash is the nearest thing to a version.
    const [, name, hash] = /^(.*?)(?:\s+\[([0-9a-f]+)\])?$/.exec(checkpoint ?? '') ?? [];
    return { name: name === undefined || name === '' ? null : name, version: hash ?? null };
  },
};
