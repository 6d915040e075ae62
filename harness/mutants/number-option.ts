/** An option that was used as it cannot be. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError when `text` is no whole number from `least` on. */
export function numberFrom(least: number, option: string, text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= least) return number;
  throw new UsageError(`${option} is "${text}": a whole number from ${least} on`);
}
