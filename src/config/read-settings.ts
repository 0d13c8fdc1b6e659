import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';

import { ConfigurationError } from '../common/errors/errors.js';
import { describeSettings } from './setting.js';

export type Environment = Readonly<Record<string, string | undefined>>;

type SettingsClass<T extends object> = new () => T;

const valuesFor = <T extends object>(
  settingsClass: SettingsClass<T>,
  environment: Environment,
): Record<string, unknown> =>
  Object.fromEntries(
    describeSettings(settingsClass).map(({ name, defaultValue }) => {
      const raw = environment[name]?.trim();
      // `NAME=` in a .env file means "not set".
      return [name, raw === undefined || raw === '' ? defaultValue : raw];
    }),
  );

const instantiate = <T extends object>(
  settingsClass: SettingsClass<T>,
  environment: Environment,
): T => plainToInstance(settingsClass, valuesFor(settingsClass, environment));

/** Every fault of one settings class as sentences. Values are not repeated: they may be secrets. */
export const findSettingFaults = <T extends object>(
  settingsClass: SettingsClass<T>,
  environment: Environment,
): string[] =>
  validateSync(instantiate(settingsClass, environment)).flatMap(({ constraints = {} }) => {
    // One sentence a setting: "must be a whole number" says enough without "must be at least 1".
    const ofType = Object.keys(constraints).find((name) => name.startsWith('is'));
    return ofType ? [constraints[ofType] ?? ''] : Object.values(constraints).slice(0, 1);
  });

/** Typed, validated settings of one namespace. @throws ConfigurationError */
export const readSettings = <T extends object>(
  settingsClass: SettingsClass<T>,
  environment: Environment = process.env,
): T => {
  const faults = findSettingFaults(settingsClass, environment);
  if (faults.length > 0) throw new ConfigurationError(faults);
  return instantiate(settingsClass, environment);
};

export const toList = (value: string | undefined): readonly string[] =>
  (value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
