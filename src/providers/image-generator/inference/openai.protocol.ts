import { z } from 'zod';

import {
  type DrawnPicture,
  type InferenceJob,
  type InferenceProtocol,
  parseJson,
} from './inference-protocol.js';

const imagesAnswer = z.object({
  data: z.array(z.object({ b64_json: z.string().nullish(), url: z.string().nullish() })).min(1),
});
const modelsAnswer = z.object({ data: z.array(z.object({ id: z.string() })) });

const extraFields = (job: InferenceJob): Record<string, string> => ({
  negative_prompt: job.negativePrompt,
  num_inference_steps: String(job.settings.steps),
  guidance_scale: String(job.settings.guidance_scale),
  strength: String(job.strength),
  ...(job.seed === null ? {} : { seed: String(job.seed) }),
});

const toForm = (job: InferenceJob): FormData => {
  const form = new FormData();
  // One file as `image`: the form that OpenAI, vLLM-Omni, SGLang and sd-server all take.
  form.append('image', new Blob([new Uint8Array(job.image)], { type: 'image/jpeg' }), 'desk.jpg');
  const { extra_fields: hasExtras, response_format: format } = job.settings.openai;
  const fields = {
    model: job.model,
    prompt: job.prompt,
    n: '1',
    size: `${job.width}x${job.height}`,
    ...(format === null ? {} : { response_format: format }),
    ...(hasExtras ? extraFields(job) : {}),
  };
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
};

/**
 * OpenAI-shaped `POST /images/edits`, multipart in, `data[0].b64_json` (or `url`) out.
 * Sources: vLLM-Omni serving/image_edit_api, SGLang diffusion api/openai_api, stable-diffusion.cpp
 * examples/server/api.md.
 */
export const openAiProtocol: InferenceProtocol = {
  operation: 'images.edits',
  toRequest: (job) => ({ path: '/images/edits', method: 'POST', body: toForm(job) }),
  parse: ({ bytes }): DrawnPicture | undefined => {
    const [picture] = imagesAnswer.parse(parseJson(bytes)).data;
    if (picture?.b64_json) return { base64: picture.b64_json };
    return picture?.url ? { path: picture.url } : undefined;
  },
  statusPath: () => '/models',
  parseStatus: ({ bytes }, model) => {
    const ids = modelsAnswer.parse(parseJson(bytes)).data.map(({ id }) => id);
    return { name: ids.includes(model) ? model : (ids[0] ?? null), version: null };
  },
};
