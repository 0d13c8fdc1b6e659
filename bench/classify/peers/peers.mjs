import { startFastApi } from './fastapi.mjs';
import { installPython } from './python.mjs';
import { startTransformers } from './transformers.mjs';

/**
 * Starts what can be installed here; what cannot is named with the reason.
 *
 * @returns {Promise<{ contenders: import('../contender.mjs').Contender[], missing: string[] }>}
 */
export const startPeers = async (context, say) => {
  const contenders = [];
  const missing = [];
  const attempt = async (name, start) => {
    say(`setting up ${name} …`);
    try {
      return await start();
    } catch (error) {
      missing.push(`${name} was not measured: ${error.message.split('\n')[0]}`);
      say(error.stack);
      return undefined;
    }
  };
  const python = await attempt('the Python environment', installPython);
  if (python === undefined) return { contenders, missing };
  const pipeline = await attempt('transformers.js', () => startTransformers(python, context));
  if (pipeline) contenders.push(pipeline);
  contenders.push(...((await attempt('FastAPI', () => startFastApi(python, context))) ?? []));
  return { contenders, missing };
};
