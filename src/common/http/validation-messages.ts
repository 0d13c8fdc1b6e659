import { getMetadataStorage, type ValidationError } from 'class-validator';

type Limits = readonly unknown[];

/** What class-validator says in English, by the name of the constraint. */
const KOREAN: Readonly<Record<string, (limits: Limits) => string>> = {
  isString: () => '문자열이어야 합니다',
  isBoolean: () => 'true 또는 false여야 합니다',
  isInt: () => '정수여야 합니다',
  isNumber: () => '숫자여야 합니다',
  isArray: () => '배열이어야 합니다',
  isObject: () => '객체여야 합니다',
  isDefined: () => '필수 항목입니다',
  isNotEmpty: () => '비워 둘 수 없습니다',
  isUuid: () => 'UUID여야 합니다',
  isUrl: () => '올바른 주소(URL)여야 합니다',
  isAbsoluteUrl: () => 'http(s)로 시작하는 전체 주소여야 합니다',
  isDateString: () => 'ISO 8601 형식의 시각이어야 합니다',
  isIso8601: () => 'ISO 8601 형식의 시각이어야 합니다',
  matches: () => '형식이 올바르지 않습니다',
  isIn: ([values]) => `다음 중 하나여야 합니다: ${list(values)}`,
  isEnum: ([, values]) => `다음 중 하나여야 합니다: ${list(values)}`,
  min: ([least]) => `${String(least)} 이상이어야 합니다`,
  max: ([most]) => `${String(most)} 이하여야 합니다`,
  minLength: ([least]) => `${String(least)}자 이상이어야 합니다`,
  maxLength: ([most]) => `${String(most)}자 이하여야 합니다`,
  isLength: ([least, most]) => `${String(least)}자 이상 ${String(most)}자 이하여야 합니다`,
  arrayMinSize: ([least]) => `항목이 ${String(least)}개 이상이어야 합니다`,
  arrayMaxSize: ([most]) => `항목이 ${String(most)}개 이하여야 합니다`,
  nestedValidation: () => '객체여야 합니다',
  unknownValue: () => 'JSON 객체여야 합니다',
};

const list = (values: unknown): string => (Array.isArray(values) ? values.join(', ') : '');

/** The Korean sentence for one broken constraint of a field. */
export const toKorean = (error: ValidationError, constraint: string, field: string): string => {
  const sentence = KOREAN[constraint]?.(limitsOf(error, constraint)) ?? '값이 올바르지 않습니다';
  return `${field}: ${sentence}.`;
};

/** A ValidationError names the constraint but not its parameters: the declaration knows them. */
const limitsOf = ({ target, property }: ValidationError, constraint: string): Limits => {
  if (!target) return [];
  const declared = getMetadataStorage()
    .getTargetValidationMetadatas(target.constructor, '', false, false)
    .find(({ name, propertyName }) => name === constraint && propertyName === property);
  return (declared?.constraints as Limits | undefined) ?? [];
};
