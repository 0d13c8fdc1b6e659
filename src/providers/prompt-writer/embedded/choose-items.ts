import { type RecommendedItem } from '../prompt-writer.port.js';
import { type DeskFacts } from './desk-facts.js';
import { ITEM_RULES, type ItemGroup, type ItemRule } from './item-rules.js';

export const MIN_ITEMS = 3;
export const MAX_ITEMS = 6;
/** A monitor is raised in one way, so arm and stand exclude each other. */
const MAX_PER_GROUP: Record<ItemGroup, number> = {
  light: 2,
  order: 2,
  'screen-height': 1,
  laptop: 2,
  input: 2,
  decor: 2,
  comfort: 2,
};
/** Below this a rule only fills up to `MIN_ITEMS`. */
const CONVINCING = 0.38;

interface WeighedRule {
  readonly rule: ItemRule;
  readonly weight: number;
}

const weigh = (facts: DeskFacts): WeighedRule[] =>
  ITEM_RULES.filter(({ unless }) => !unless.some((kind) => facts.objects.mayHave(kind)))
    .map((rule) => ({ rule, weight: rule.weight(facts) }))
    .filter(({ weight }) => weight > 0)
    .toSorted((one, other) => other.weight - one.weight);

/** The 3 to 6 things this photo speaks for most, the most urgent first. */
export const chooseItems = (facts: DeskFacts): RecommendedItem[] => {
  const chosen: ItemRule[] = [];
  for (const { rule, weight } of weigh(facts)) {
    const inGroup = chosen.filter(({ group }) => group === rule.group).length;
    const isWanted = weight >= CONVINCING || chosen.length < MIN_ITEMS;
    if (isWanted && inGroup < MAX_PER_GROUP[rule.group] && chosen.length < MAX_ITEMS)
      chosen.push(rule);
  }
  return chosen.map(({ keyword, label, reason }) => ({ keyword, label, reason: reason(facts) }));
};
