/** Counts and lists in words. */

/** `1 block`, `3 blocks`, `3 queries`. */
export function counted(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : plural(noun)}`;
}

function plural(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return noun.replace(/y$/, 'ies');
  return `${noun}${/(s|x|ch|sh)$/.test(noun) ? 'es' : 's'}`;
}

/** The first few, and how many more there are: `a, b, c and 5 more`. */
export function listed(items: readonly string[], shown = 3): string {
  const rest = items.length - shown;
  return rest > 0 ? `${items.slice(0, shown).join(', ')} and ${rest} more` : items.join(', ');
}

/** A share from 0 to 1: `43 %`; what is there but rounds to nothing is `<1 %`. */
export function percent(share: number): string {
  return share > 0 && share < 0.005 ? '<1 %' : `${Math.round(share * 100)} %`;
}
