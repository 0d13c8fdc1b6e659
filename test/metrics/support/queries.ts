/** PromQL in a dashboard (JSON) or a file of rules (YAML). */
export const queriesOf = (text: string): readonly string[] => {
  if (text.startsWith('{')) return findExpressions(JSON.parse(text));
  // One line, or a block that ends at the next key of the rule.
  return [...text.matchAll(/^ *expr: (?:\|\n((?: {10,}.*\n)+)|([^|\n].*)$)/gm)].map(
    ([, block, line]) => block ?? line ?? '',
  );
};

const findExpressions = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(findExpressions);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'expr' ? [String(inner)] : findExpressions(inner),
  );
};

/** Metric names of a query: what is left when strings, selectors and groupings are gone. */
export const namesIn = (query: string): readonly string[] => {
  const bare = query
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/\b(?:by|on|without|ignoring) *\([^)]*\)/g, '');
  return [...bare.matchAll(/\b[a-z_][a-z0-9_:]*\b(?! *\()/g)]
    .map(([name]) => name)
    .filter((name) => !OPERATORS.has(name));
};

const OPERATORS = new Set(['or', 'and', 'unless', 'by', 'sum', 'max', 'min', 'count', 'bool']);
