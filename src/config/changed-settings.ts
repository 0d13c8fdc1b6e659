import { SETTING_GROUPS } from './config.module.js';
import { type Environment, readSettings } from './read-settings.js';
import { describeSettings } from './setting.js';

/** Names of the settings whose value is not the default; values are nobody's business. */
export const findChangedSettings = (environment: Environment = process.env): readonly string[] =>
  SETTING_GROUPS.flatMap(({ settings }) => {
    const values = new Map<string, unknown>(
      Object.entries(readSettings<object>(settings, environment)),
    );
    return describeSettings(settings)
      .filter(({ name, defaultValue }) => values.get(name) !== defaultValue)
      .map(({ name }) => name);
  }).toSorted();
