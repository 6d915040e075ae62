/**
 * Durations as Go writes them (`time.ParseDuration`, `time.Duration.String`): in Tempo's YAML and in scenario files.
 * Everywhere else in the harness a duration is a number of milliseconds.
 */

const NANOSECONDS: Record<string, bigint> = {
  ns: 1n,
  us: 1_000n,
  // Go takes both the micro sign and the Greek letter.
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** A Go duration is a signed 64-bit number of nanoseconds: about 292 years. */
const LONGEST = 2n ** 63n - 1n;

const TERM = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/y;

const VALID = 'a duration is a number with a unit of h, m, s, ms, us or ns, such as 15m, 1h30m, 1.5s or 500ms';

/**
 * Milliseconds, negative ones too, of a duration in Go's notation; a bare `0` is one, any other bare number is not.
 * As in Go, what is finer than a nanosecond is cut off.
 * @throws Error with the text and what would be valid.
 */
export function parseGoDuration(text: string): number {
  const sign = /^[-+]/.test(text) ? 1 : 0;
  const negative = text.startsWith('-');
  const refuse = (why: string): never => {
    throw new Error(`"${text}" is no duration${why}: ${VALID}`);
  };
  if (text.slice(sign) === '0') return 0;
  if (/^\d+(\.\d+)?$/.test(text.slice(sign))) refuse(`, its unit is missing`);

  let total = 0n;
  let at = sign;
  do {
    TERM.lastIndex = at;
    const [whole, integer = '', fraction = '', unit = ''] = TERM.exec(text) ?? [];
    if (whole === undefined || (integer === '' && fraction === '')) return refuse('');
    const scale = NANOSECONDS[unit] as bigint;
    // More than 18 decimals are below a nanosecond even in hours.
    const decimals = fraction.slice(0, 18);
    total += BigInt(integer || '0') * scale + (BigInt(decimals || '0') * scale) / 10n ** BigInt(decimals.length);
    at += whole.length;
  } while (at < text.length);
  if (total > LONGEST) refuse(' that Go can hold, it is over 292 years');
  const milliseconds = Number(total) / 1e6;
  return negative && milliseconds !== 0 ? -milliseconds : milliseconds;
}

/**
 * Milliseconds of a duration in a scenario file: Go's notation, not negative.
 * @throws Error with the text and what would be valid.
 */
export function parseDuration(text: string): number {
  const milliseconds = parseGoDuration(text);
  if (milliseconds < 0) throw new Error(`"${text}" is negative: ${VALID}`);
  return milliseconds;
}

/** Exactly as Go prints a duration of so many milliseconds: `1m30s`, `5m0s`, `1.5s`, `500ms`, `100µs`, `0s`. */
export function formatGoDuration(milliseconds: number): string {
  const nanoseconds = BigInt(Math.round(Math.abs(milliseconds) * 1e6));
  if (nanoseconds === 0n) return '0s';
  const sign = milliseconds < 0 ? '-' : '';
  if (nanoseconds < 1_000n) return `${sign}${nanoseconds}ns`;
  if (nanoseconds < 1_000_000n) return `${sign}${decimal(nanoseconds, 3)}µs`;
  if (nanoseconds < 1_000_000_000n) return `${sign}${decimal(nanoseconds, 6)}ms`;
  const minutes = nanoseconds / 60_000_000_000n;
  const seconds = `${decimal(nanoseconds % 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return sign + seconds;
  if (minutes < 60n) return `${sign}${minutes}m${seconds}`;
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** As people write it: Go's form without the parts that are zero at its end, `5m` for `5m0s`, `1h` for `1h0m0s`. */
export function formatDuration(milliseconds: number): string {
  return formatGoDuration(milliseconds).replace(/m0s$/, 'm').replace(/h0m$/, 'h');
}

/** To three digits: 3.7s, 25m, 26.2s. */
export function roughDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  const unit = milliseconds < 1000 ? 1 : milliseconds < 60_000 ? 100 : 1000;
  return formatDuration(Math.round(milliseconds / unit) * unit);
}

/** `value` / 10^`places`, without zeros at the end. */
function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return digits.slice(0, -places) + (fraction && `.${fraction}`);
}
