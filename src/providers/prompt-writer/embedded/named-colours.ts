/** CIE L*a*b*: distances in it are close to how different two colours look. */
export interface Lab {
  readonly l: number;
  readonly a: number;
  readonly b: number;
}

/** What a colour is usually a surface of, on and around a desk. */
export type ColourFamily = 'dark' | 'neutral' | 'light' | 'wood' | 'warm' | 'cool';

export interface NamedColour {
  readonly name: string;
  readonly nameKo: string;
  readonly family: ColourFamily;
  /** A finish in which this colour looks natural in a home office. */
  readonly material: string;
  readonly lab: Lab;
}

const SRGB_LINEAR_LIMIT = 0.04045;
const LAB_EPSILON = 216 / 24389;
const LAB_KAPPA = 24389 / 27;

const toLinear = (byte: number): number => {
  const value = byte / 255;
  return value <= SRGB_LINEAR_LIMIT ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
};

const toLabRoot = (value: number): number =>
  value > LAB_EPSILON ? Math.cbrt(value) : (LAB_KAPPA * value + 16) / 116;

/** sRGB bytes to L*a*b* under D65. */
export const toLab = (red: number, green: number, blue: number): Lab => {
  const r = toLinear(red);
  const g = toLinear(green);
  const b = toLinear(blue);
  const x = toLabRoot((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
  const y = toLabRoot(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = toLabRoot((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
  return { l: 116 * y - 16, a: 500 * (x - y), b: 200 * (y - z) };
};

/** Squared, because it is only compared, and `Math.hypot` is slow in a loop over pixels. */
export const squaredLabDistance = (one: Lab, other: Lab): number =>
  (one.l - other.l) ** 2 + (one.a - other.a) ** 2 + (one.b - other.b) ** 2;

const named = (
  hex: string,
  name: string,
  nameKo: string,
  family: ColourFamily,
  material: string,
): NamedColour => {
  const value = Number.parseInt(hex, 16);
  const lab = toLab(value >> 16, (value >> 8) & 255, value & 255);
  return { name, nameKo, family, material, lab };
};

export const NAMED_COLOURS: readonly NamedColour[] = [
  named('111111', 'black', '검정', 'dark', 'matte black metal'),
  named('333335', 'charcoal', '차콜', 'dark', 'charcoal felt'),
  named('5a5b5e', 'graphite grey', '짙은 회색', 'neutral', 'brushed graphite aluminium'),
  named('8a8b8d', 'grey', '회색', 'neutral', 'anodised grey aluminium'),
  named('b9babc', 'light grey', '밝은 회색', 'neutral', 'soft grey linen'),
  named('f4f4f4', 'white', '흰색', 'light', 'matte white lacquer'),
  named('eee6d6', 'ivory', '아이보리', 'light', 'ivory linen'),
  named('d3bf9f', 'beige', '베이지', 'wood', 'pale birch'),
  named('b8935f', 'oak', '오크', 'wood', 'natural oak'),
  named('8a8075', 'taupe', '토프', 'neutral', 'taupe wool felt'),
  named('85603c', 'walnut brown', '월넛 브라운', 'wood', 'oiled walnut'),
  named('4a3020', 'dark brown', '짙은 갈색', 'wood', 'dark stained oak'),
  named('b4603c', 'terracotta', '테라코타', 'warm', 'terracotta clay'),
  named('6e2430', 'burgundy', '버건디', 'warm', 'burgundy leather'),
  named('c03030', 'red', '빨강', 'warm', 'red powder-coated steel'),
  named('e08030', 'orange', '주황', 'warm', 'amber glass'),
  named('d8b040', 'mustard yellow', '머스터드', 'warm', 'mustard fabric'),
  named('e0a8b0', 'pink', '분홍', 'warm', 'blush fabric'),
  named('6f7040', 'olive green', '올리브', 'cool', 'olive canvas'),
  named('9db096', 'sage green', '세이지 그린', 'cool', 'sage-coloured ceramic'),
  named('2f5f3a', 'forest green', '짙은 초록', 'cool', 'deep green glazed ceramic'),
  named('4fae52', 'bright green', '밝은 초록', 'cool', 'fresh green leaves'),
  named('2f7a80', 'teal', '청록', 'cool', 'teal glazed ceramic'),
  named('a9c8de', 'sky blue', '하늘색', 'cool', 'pale blue linen'),
  named('3f6fb5', 'blue', '파랑', 'cool', 'blue woven fabric'),
  named('6c7d92', 'slate blue', '슬레이트 블루', 'cool', 'slate-blue felt'),
  named('1c2a4a', 'navy', '네이비', 'dark', 'navy leather'),
  named('b4a3d0', 'lavender', '라벤더', 'cool', 'lavender fabric'),
  named('6a3a90', 'purple', '보라', 'cool', 'plum velvet'),
];

/** The named colour that looks closest. */
export const toNamedColour = (lab: Lab): NamedColour =>
  NAMED_COLOURS.reduce((best, candidate) =>
    squaredLabDistance(candidate.lab, lab) < squaredLabDistance(best.lab, lab) ? candidate : best,
  );
