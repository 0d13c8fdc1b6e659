/** Vendors that send a bill for every call; all others are ours or free. */
const BILLED_BY_THE_CALL = new Set(['openai']);

interface Provider {
  /** One name, or several in the order they are tried, separated by commas. */
  readonly name: string;
  readonly model: string;
}

/** What the cost ledger notes before the call is made; undefined when nobody has to be paid. */
export const toPaidCall = (
  { name, model }: Provider,
  operation: string,
): { provider: string; operation: string; model: string } | undefined => {
  const isPaid = name.split(',').some((one) => BILLED_BY_THE_CALL.has(one.trim()));
  return isPaid ? { provider: name, operation, model } : undefined;
};
