/** The five looks a caller can ask for; the strings are the contract's. */
export const CONCEPTS = ['BASIC', 'MSPAINT', 'SIMPLE', 'OIL', 'CARTOON'] as const;

export type Concept = (typeof CONCEPTS)[number];

export const DEFAULT_CONCEPT: Concept = 'BASIC';
