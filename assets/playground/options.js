import { byId } from './dom.js';
import { t } from './language.js';

const MAX_SEED = 2_147_483_647;

const chosen = (name) => byId('options').elements.namedItem(name).value;

const isSeed = (text) => text === '' || (/^\d{1,10}$/.test(text) && Number(text) <= MAX_SEED);

/** @returns {{ version: string, concept: string, seed?: number }} */
export const readOptions = () => {
  const seed = byId('seed').value.trim();
  return {
    version: chosen('version'),
    concept: chosen('concept'),
    ...(seed !== '' && isSeed(seed) && { seed: Number(seed) }),
  };
};

const checkSeed = () => {
  const input = byId('seed');
  const isRight = isSeed(input.value.trim());
  byId('seed-error').textContent = isRight ? '' : t('seedWrong');
  input.setAttribute('aria-invalid', String(!isRight));
  return isRight;
};

/** @param {(options: ReturnType<typeof readOptions>) => void} onSubmit */
export const startOptions = (onSubmit) => {
  byId('seed').addEventListener('change', checkSeed);
  byId('options').addEventListener('submit', (event) => {
    event.preventDefault();
    if (checkSeed()) onSubmit(readOptions());
    else byId('seed').focus();
  });
};
