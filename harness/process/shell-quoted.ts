/** A word as a POSIX shell takes it, in quotes only where it needs them. */
export function shellQuoted(word: string): string {
  return /^[\w./=:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
