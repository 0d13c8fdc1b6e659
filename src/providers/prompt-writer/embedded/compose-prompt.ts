import { type Concept } from '../../../generation/domain/concept.js';
import { type RecommendedItem } from '../prompt-writer.port.js';
import { CONCEPT_STYLES } from './concept-styles.js';
import { type DeskFacts, LEVELS } from './desk-facts.js';
import { type ColourFamily, type NamedColour } from './named-colours.js';
import { OBJECT_KINDS, type ObjectKind } from './seen-objects.js';

/** How each object is called in the prompt; what is not here is not worth keeping in place. */
const KEPT_OBJECTS: Partial<Record<ObjectKind, string>> = {
  screen: 'the computer screen',
  laptop: 'the laptop',
  keyboard: 'the keyboard',
  mouse: 'the mouse',
  lamp: 'the lamp',
  mug: 'the cup',
  books: 'the books',
  shelf: 'the shelf',
  plant: 'the plant',
  printer: 'the printer',
  speaker: 'the loudspeakers',
  clock: 'the clock',
  seat: 'the chair',
  blind: 'the curtain or blind',
};

/** The colour that sets off a palette led by a family. */
const ACCENTS: Record<ColourFamily, string> = {
  dark: 'brass details and one warm amber accent',
  neutral: 'natural oak details and one muted green accent',
  light: 'light wood details and one deep blue accent',
  wood: 'off-white details and one sage green accent',
  warm: 'cream details and one calm grey-blue accent',
  cool: 'warm oak details and one sand-coloured accent',
};

const LIGHT_WORDS: Record<DeskFacts['light'], string> = {
  dark: 'dark',
  dim: 'dim',
  normal: 'evenly exposed',
  bright: 'bright',
};

const TEMPERATURE_WORDS: Record<DeskFacts['temperature'], string> = {
  cool: 'cool, bluish',
  neutral: 'neutral',
  warm: 'warm, amber-toned',
  grey: 'colourless (black-and-white photo)',
};

const SURFACE_WORDS: Record<DeskFacts['surface'], string> = {
  tidy: 'tidy, with few objects',
  normal: 'in normal use',
  busy: 'busy, with many small objects',
  crowded: 'crowded with objects and cables',
};

const percent = (share: number): string => `${Math.round(share * 100)}%`;

const toList = (parts: readonly string[]): string =>
  parts.length < 2
    ? parts.join('')
    : `${parts.slice(0, -1).join(', ')} and ${parts.slice(-1).join('')}`;

const coloursOf = ({ photo }: DeskFacts): NamedColour[] =>
  photo.colours.map(({ colour }) => colour);

const describePhoto = (facts: DeskFacts): string => {
  const { photo } = facts;
  const colours = photo.colours.map(({ colour, share }) => `${colour.name} ${percent(share)}`);
  return (
    `The photo is ${LIGHT_WORDS[facts.light]} (mean brightness ${percent(photo.brightness)}) ` +
    `with ${TEMPERATURE_WORDS[facts.temperature]} light; the desk area is ` +
    `${SURFACE_WORDS[facts.surface]}, and about ${percent(photo.freeSurface)} of it is free. ` +
    `Main colours: ${toList(colours)}.`
  );
};

const describeKept = ({ objects }: DeskFacts): string => {
  const kept = OBJECT_KINDS.filter((kind) => objects.has(kind)).flatMap(
    (kind) => KEPT_OBJECTS[kind] ?? [],
  );
  const ownThings = kept.length > 0 ? ` Also stays in place: ${toList(kept)}.` : '';
  return (
    'Keep the camera angle, the framing, the room layout, the walls and windows, and the position, ' +
    `shape and proportions of the desk exactly as they are, so that the owner recognises the place.${ownThings}`
  );
};

const describeOrder = (facts: DeskFacts): string => {
  switch (facts.surface) {
    case 'crowded':
      return 'Clear the desk top: group small things in closed organisers, hide every cable and adapter, and leave a clear working area in front of the seat.';
    case 'busy':
      return 'Reduce the objects on the desk top by about half, bundle the cables out of sight and line up what remains.';
    case 'normal':
      return 'Straighten what lies on the desk, route the cables neatly and leave one calm empty zone.';
    case 'tidy':
      return facts.photo.freeSurface >= LEVELS.muchFreeFrom
        ? 'The desk is already tidy and rather empty: add a few useful pieces in one balanced group and keep the rest free.'
        : 'The desk is already tidy: keep it so and refine the arrangement only.';
  }
};

const describeWall = ({ photo }: DeskFacts): string => {
  if (photo.upperClutter >= LEVELS.crowdedFrom) {
    return 'Calm the wall and shelves behind the desk into a few aligned groups.';
  }
  return photo.upperClutter < LEVELS.tidyBelow
    ? 'The wall behind is plain: give it one modest focal point.'
    : 'Leave the wall behind the desk largely as it is.';
};

const describeColours = (facts: DeskFacts): string => {
  const colours = coloursOf(facts);
  const lead = colours[0];
  if (facts.temperature === 'grey' || lead === undefined) {
    return 'The photo has no colour of its own: choose natural oak, matte white and soft grey with one muted green accent.';
  }
  const materials = toList(colours.slice(0, 3).map(({ material }) => material));
  return (
    `Build on the existing ${toList(colours.slice(0, 3).map(({ name }) => name))} palette with ` +
    `${materials}; add ${ACCENTS[lead.family]}, in small amounts.`
  );
};

const describeLight = (facts: DeskFacts): string => {
  const levels: Record<DeskFacts['light'], string> = {
    dark: 'Raise the light clearly: a focused task light on the desk top and soft indirect light behind it, without losing the evening mood.',
    dim: 'Lift the light a little with a task light on the desk top and a soft fill from the room.',
    normal: 'Keep the general exposure and add gentle depth with one local light.',
    bright: 'Keep the airy daylight and protect the highlights from burning out.',
  };
  const temperatures: Record<DeskFacts['temperature'], string> = {
    cool: 'Balance the cool cast with warm white light of about 3000 K.',
    neutral: 'Use neutral warm white of about 3500 K.',
    warm: 'Keep the warm mood, with cleaner whites of about 4000 K on the working area.',
    grey: 'Use natural white light of about 4000 K.',
  };
  const side =
    facts.lightSide === 'even'
      ? 'The light has no clear side: keep the shadows soft.'
      : `The light comes mainly from the ${facts.lightSide}: let shadows fall to the other side.`;
  const glare = facts.hasGlare ? ' Soften the glare of the brightest areas.' : '';
  return `${levels[facts.light]} ${temperatures[facts.temperature]} ${side}${glare}`;
};

/** English prompt for an image model, well below the 4,000 characters the port allows. */
export const composePrompt = (
  facts: DeskFacts,
  concept: Concept,
  items: readonly RecommendedItem[],
): string => {
  const { style, avoid } = CONCEPT_STYLES[concept];
  return [
    'Redesign the desk in this photo into a place its owner would love to work at.',
    `In the photo: ${describePhoto(facts)}`,
    `Must stay: ${describeKept(facts)}`,
    `Improve: ${describeOrder(facts)} ${describeWall(facts)}`,
    `Add, where it fits naturally and to scale: ${toList(items.map(({ label }) => label))}.`,
    `Materials and colours: ${describeColours(facts)}`,
    `Light: ${describeLight(facts)}`,
    `Style: ${style}.`,
    `Avoid: text, logos, watermarks, people, extra desks or windows, floating or duplicated objects, warped keyboards and screens, ${avoid}.`,
  ].join('\n');
};
