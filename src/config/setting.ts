import { Transform, type TransformFnParams } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
} from 'class-validator';

/**
 * Settings are environment variables. Each one is declared once, with the decorators of this file
 * on a field whose name is the variable's name: the declaration validates it, gives it its default
 * and is the source of `.env.example` and `docs/configuration.md`.
 */
export interface SettingDoc {
  /** What it does, in English. */
  readonly en: string;
  /** The same in Korean. */
  readonly ko: string;
  /** Printed instead of a default when it depends on other settings. */
  readonly defaultText?: string;
  readonly secret?: boolean;
}

export interface SettingDescription extends SettingDoc {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly defaultValue: string | number | boolean | undefined;
}

interface Numeric extends SettingDoc {
  readonly default?: number;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
}

interface Text extends SettingDoc {
  readonly default?: string;
  /** Shown as the type, for example `address` or `list of hosts`. */
  readonly kind?: string;
  readonly pattern?: RegExp;
  readonly expected?: string;
}

interface Choice extends SettingDoc {
  readonly default?: string;
  readonly values: readonly string[];
}

interface Flag extends SettingDoc {
  readonly default?: boolean;
}

const descriptions = new Map<object, SettingDescription[]>();

export const describeSettings = (settingsClass: {
  prototype: object;
}): readonly SettingDescription[] => descriptions.get(settingsClass.prototype) ?? [];

const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;
const TRUE = new Set(['true', 'on', '1', 'yes']);
const FALSE = new Set(['false', 'off', '0', 'no']);

// What cannot be parsed stays a string, so that the validator reports it by name.
const toNumber = ({ value }: TransformFnParams): unknown =>
  typeof value === 'string' && NUMBER.test(value.trim()) ? Number(value) : value;

const toBoolean = ({ value }: TransformFnParams): unknown => {
  if (typeof value !== 'string') return value;
  const word = value.trim().toLowerCase();
  if (TRUE.has(word)) return true;
  return FALSE.has(word) ? false : value;
};

const register = (
  doc: SettingDoc,
  type: string,
  unit: string,
  defaultValue: SettingDescription['defaultValue'],
  decorators: readonly PropertyDecorator[],
): PropertyDecorator => {
  return (target, key) => {
    const known = descriptions.get(target) ?? [];
    descriptions.set(target, [...known, { ...doc, name: String(key), type, unit, defaultValue }]);
    IsOptional()(target, key);
    for (const decorator of decorators) decorator(target, key);
  };
};

export const IntegerSetting = (options: Numeric): PropertyDecorator =>
  register(options, `integer ${options.min}–${options.max}`, options.unit, options.default, [
    Transform(toNumber),
    IsInt({ message: '$property must be a whole number' }),
    Min(options.min, { message: `$property must be at least ${options.min}` }),
    Max(options.max, { message: `$property must be at most ${options.max}` }),
  ]);

export const NumberSetting = (options: Numeric): PropertyDecorator =>
  register(options, `number ${options.min}–${options.max}`, options.unit, options.default, [
    Transform(toNumber),
    IsNumber({}, { message: '$property must be a number' }),
    Min(options.min, { message: `$property must be at least ${options.min}` }),
    Max(options.max, { message: `$property must be at most ${options.max}` }),
  ]);

export const TextSetting = (options: Text): PropertyDecorator =>
  register(options, options.kind ?? 'text', '', options.default, [
    IsString(),
    ...(options.pattern
      ? [
          Matches(options.pattern, {
            message: `$property must be ${options.expected ?? options.kind ?? 'valid'}`,
          }),
        ]
      : []),
  ]);

export const ChoiceSetting = (options: Choice): PropertyDecorator =>
  register(options, options.values.map((value) => `\`${value}\``).join(', '), '', options.default, [
    IsIn([...options.values], { message: `$property must be one of ${options.values.join(', ')}` }),
  ]);

export const FlagSetting = (options: Flag): PropertyDecorator =>
  register(options, '`on`, `off`', '', options.default, [
    Transform(toBoolean),
    IsBoolean({ message: '$property must be on or off' }),
  ]);
