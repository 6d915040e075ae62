/** Measured sizes in words. */

const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A measured number of bytes, to three digits, in powers of 1000: `540MB`, `1.24GB`. What somebody wrote is said by `formatByteSize`. */
export function saySize(bytes: number): string {
  const rounded = Number(bytes.toPrecision(3));
  let unit = 0;
  while (unit < units.length - 1 && rounded >= 1000 ** (unit + 1)) unit++;
  return `${Number((rounded / 1000 ** unit).toPrecision(3))}${units[unit]}`;
}
