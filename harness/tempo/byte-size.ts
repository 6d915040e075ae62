/**
 * Sizes and rates as people write them, in scenario files, deployment files and reports: `500MiB`, `20MB/s`. Powers of 1000
 * (kB, MB, GB, TB) and of 1024 (KiB, MiB, GiB, TiB). Everywhere else in the harness they are bytes, and bytes per second.
 */

const BINARY = ['KiB', 'MiB', 'GiB', 'TiB'];
const DECIMAL = ['kB', 'MB', 'GB', 'TB'];

const UNITS: Record<string, number> = {
  B: 1,
  KB: 1000,
  ...Object.fromEntries(DECIMAL.map((unit, index) => [unit, 1000 ** (index + 1)])),
  ...Object.fromEntries(BINARY.map((unit, index) => [unit, 1024 ** (index + 1)])),
};

const VALID_SIZE = 'a size is a number with a unit of B, kB, MB, GB, TB, KiB, MiB, GiB or TiB, such as 500MiB';
const VALID_RATE = 'a rate is a size per second, such as 20MB/s or 1.5MiB/s';

/** Bytes of `value`, or why it is none. */
function readSize(text: string): { bytes: number } | { why: string } {
  if (text === '0') return { bytes: 0 };
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?([A-Za-z]*)$/.exec(text) ?? [];
  if (number === undefined) return { why: '' };
  if (unit === '') return { why: ', its unit is missing' };
  const scale = UNITS[unit];
  if (scale === undefined) {
    const [, prefix] = /^([kKMGT])(b|bit|bits)$/.exec(unit) ?? [];
    const decimal = prefix && `${prefix === 'K' ? 'k' : prefix}B`;
    if (decimal) return { why: `, b means bits: ${number}${unit} is ${Number(number) / 8}${decimal}` };
    const spelled = Object.keys(UNITS).find((known) => known.toLowerCase() === unit.toLowerCase());
    return { why: spelled ? `, "${unit}" is written ${spelled}` : '' };
  }
  const bytes = Math.round(Number(number) * scale);
  return Number.isSafeInteger(bytes) ? { bytes } : { why: ' that can be counted exactly, it is over 8 PiB' };
}

/**
 * Bytes, a whole number, of `500MiB`, `20MB`, `1.5 GiB`, `0`.
 * @throws Error with the text and what would be valid.
 */
export function parseByteSize(text: string): number {
  const size = readSize(text);
  if ('why' in size) throw new Error(`"${text}" is no size${size.why}: ${VALID_SIZE}`);
  return size.bytes;
}

/**
 * Bytes per second, a whole number, of `1MiB/s`, `20MB/s`, `0`.
 * @throws Error with the text and what would be valid.
 */
export function parseRate(text: string): number {
  if (text === '0') return 0;
  const perSecond = /^(.*?) ?(?:\/s|ps)$/.exec(text)?.[1];
  const size = perSecond === undefined ? { why: ', "/s" is missing' } : readSize(perSecond);
  if ('why' in size) throw new Error(`"${text}" is no rate${size.why}: ${VALID_RATE}`);
  if (!text.endsWith('/s')) throw new Error(`"${text}" is no rate, "ps" is written "/s": ${VALID_RATE}`);
  return size.bytes;
}

/**
 * For people: exactly, when that takes few digits (`500MiB`, `600MB`, `1.5MiB`), else to two decimals (`1.67MiB`). Takes
 * fractions of bytes too, and negative sizes.
 */
export function formatByteSize(bytes: number): string {
  if (bytes < 0) return `-${formatByteSize(-bytes)}`;
  const binary = largestUnit(bytes, 1024, BINARY);
  const decimal = largestUnit(bytes, 1000, DECIMAL);
  const exact = [binary, decimal].filter(({ exact }) => exact).sort((a, b) => a.text.length - b.text.length);
  return (exact[0] ?? binary).text;
}

/** As `formatByteSize`, for bytes per second: `20MB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatByteSize(bytesPerSecond)}/s`;
}

function largestUnit(bytes: number, base: number, units: string[]): { text: string; exact: boolean } {
  let power = 0;
  // 0.995 of the next unit, or more, would be printed as 1000 or 1024 of this one.
  while (power < units.length && bytes / base ** power >= base - 0.005) power++;
  const value = bytes / base ** power;
  const rounded = Math.round(value * 100) / 100;
  return { text: `${rounded}${units[power - 1] ?? 'B'}`, exact: rounded === value };
}
