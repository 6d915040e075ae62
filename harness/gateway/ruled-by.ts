/** Rules that acted on one request together are named in one text, in the order in which they judged it. */
export const RULE_SEPARATOR = '+';

/** Whether the rule was among those that acted on the request of this `edge` event. */
export function ruledBy({ rule: names }: { rule?: string | undefined }, rule: string): boolean {
  return names?.split(RULE_SEPARATOR).includes(rule) ?? false;
}
