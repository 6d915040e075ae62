/** `a, b, c and 112 more`, when there are more than `most`. */
export function firstOf(names: readonly string[], most: number): string {
  // One name takes no more room than saying that there is one more.
  if (names.length <= most + 1) return names.join(', ');
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}
