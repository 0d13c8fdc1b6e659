import { type ImageTag } from '../../desk-classifier/desk-classifier.port.js';

/** ImageNet's names for what can stand on or around a desk: every synonym, because models differ in which they print. */
const LABELS = {
  desk: ['desk', 'dining table', 'board'],
  screen: [
    'monitor',
    'screen',
    'crt screen',
    'desktop computer',
    'television',
    'television system',
    'web site',
    'website',
    'internet site',
    'site',
  ],
  laptop: ['laptop', 'laptop computer', 'notebook', 'notebook computer'],
  keyboard: ['computer keyboard', 'keypad', 'typewriter keyboard', 'space bar', 'keyboard'],
  mouse: ['mouse', 'computer mouse'],
  lamp: ['table lamp', 'lampshade', 'lamp shade', 'desk lamp', 'spotlight', 'spot', 'lamp'],
  mug: ['coffee mug', 'cup', 'teacup', 'mug', 'espresso', 'coffeepot'],
  books: [
    'bookcase',
    'bookshop',
    'bookstore',
    'bookstall',
    'library',
    'comic book',
    'book jacket',
    'dust cover',
    'book',
  ],
  shelf: ['bookcase', 'entertainment center', 'plate rack', 'shelf'],
  papers: [
    'binder',
    'ring-binder',
    'file',
    'file cabinet',
    'filing cabinet',
    'envelope',
    'crossword puzzle',
    'crossword',
    'menu',
    'paper towel',
  ],
  plant: ['pot', 'flowerpot', 'vase', 'potted plant', 'house plant', 'houseplant', 'plant'],
  printer: ['printer', 'photocopier'],
  speaker: ['loudspeaker', 'speaker', 'speaker unit', 'loudspeaker system', 'speaker system'],
  phone: [
    'cellular telephone',
    'cellular phone',
    'cellphone',
    'cell',
    'mobile phone',
    'hand-held computer',
    'hand-held microcomputer',
    'ipod',
    'smartphone',
  ],
  clock: ['analog clock', 'digital clock', 'wall clock', 'clock'],
  seat: [
    'folding chair',
    'barber chair',
    'rocking chair',
    'rocker',
    'chair',
    'office chair',
    'swivel chair',
  ],
  cushion: ['pillow', 'cushion'],
  pens: [
    'ballpoint',
    'ballpoint pen',
    'fountain pen',
    'pencil box',
    'pencil case',
    'pencil sharpener',
    'rubber eraser',
    'rubber',
    'pen',
  ],
  blind: [
    'window shade',
    'window blind',
    'shoji',
    'theater curtain',
    'theatre curtain',
    'shower curtain',
    'curtain',
  ],
  tray: ['tray'],
  headphones: ['headphone', 'headphones', 'headset', 'earphone'],
} as const satisfies Record<string, readonly string[]>;

export type ObjectKind = keyof typeof LABELS;

export const OBJECT_KINDS = Object.keys(LABELS) as ObjectKind[];

/** From here on the prompt may say that the object is there; below it a desk's first tag is often a stray one. */
const SEEN = 0.1;
/** From here on the object may be there, so it is not recommended: buying a second one is the worse mistake. */
const POSSIBLE = 0.015;
/** A laptop also lights up "monitor" and the other way round; the weaker one needs this share of the stronger. */
const SEEN_SHARE_OF_RIVAL = 0.2;
const POSSIBLE_SHARE_OF_RIVAL = 0.1;
const RIVALS: Partial<Record<ObjectKind, ObjectKind>> = { screen: 'laptop', laptop: 'screen' };

export interface SeenObjects {
  /** The object is in the photo. */
  has(kind: ObjectKind): boolean;
  /** The object may be in the photo. */
  mayHave(kind: ObjectKind): boolean;
  /** Whether anything was recognised at all. */
  readonly isEmpty: boolean;
}

const toNames = (label: string): string[] =>
  label
    .normalize('NFC')
    .toLowerCase()
    .replaceAll('_', ' ')
    .split(',')
    .map((name) => name.trim().replace(/\s+/g, ' '));

const sumOf = (tags: readonly ImageTag[], kind: ObjectKind): number => {
  const names: readonly string[] = LABELS[kind];
  return tags
    .filter(({ label }) => toNames(label).some((name) => names.includes(name)))
    .reduce((sum, { probability }) => sum + (Number.isFinite(probability) ? probability : 0), 0);
};

/** Reads the classifier's tags, whether a label is one name or a comma list of synonyms. */
export const toSeenObjects = (tags: readonly ImageTag[]): SeenObjects => {
  const sums = new Map(OBJECT_KINDS.map((kind) => [kind, sumOf(tags, kind)]));
  const reaches = (kind: ObjectKind, least: number, shareOfRival: number): boolean => {
    const sum = sums.get(kind) ?? 0;
    const rival = RIVALS[kind];
    return sum >= least && (rival === undefined || sum >= shareOfRival * (sums.get(rival) ?? 0));
  };
  return {
    has: (kind) => reaches(kind, SEEN, SEEN_SHARE_OF_RIVAL),
    mayHave: (kind) => reaches(kind, POSSIBLE, POSSIBLE_SHARE_OF_RIVAL),
    isEmpty: [...sums.values()].every((sum) => sum < POSSIBLE),
  };
};
