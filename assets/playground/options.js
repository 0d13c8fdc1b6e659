import { byId, el } from './dom.js';
import { t } from './language.js';

const MAX_SEED = 2_147_483_647;

const chosen = (name) => byId('options').elements.namedItem(name).value;

const isSeed = (text) => text === '' || (/^\d{1,10}$/.test(text) && Number(text) <= MAX_SEED);

/** @returns {{ version: string, concept: string, seed?: number, scenario: string }} */
export const readOptions = () => {
  const seed = byId('seed').value.trim();
  return {
    version: chosen('version'),
    concept: chosen('concept'),
    scenario: byId('scenario').value,
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

/**
 * Shown only where the service plays scenarios.
 *
 * @param {string[]} names
 * @param {() => void} onChange
 */
export const startScenarios = (names, onChange) => {
  byId('scenario-box').hidden = names.length === 0;
  byId('scenario').append(...names.map((name) => el('option', { value: name }, name)));
  byId('scenario').addEventListener('change', onChange);
};
