/**
 * One value of a config, read as Go reads it into a field of its type (gopkg.in/yaml.v2): a quoted number is no number, `yes` is
 * a boolean, 6e8 is an integer.
 *
 * A value is quoted in a message only if it looks like a number or a duration: what was put in the wrong place may be a secret.
 */
import { formatByteSize, parseByteSize } from './byte-size.ts';
import { formatDuration, parseDuration, parseGoDuration } from './go-duration.ts';

/** What a setting takes. Limits are in the setting's own unit, and included. */
export type Kind =
  | { type: 'text'; what?: string; valid?: RegExp; expects?: string }
  | { type: 'boolean' }
  | { type: 'integer'; min: number; max?: number }
  /** An integer of bytes. */
  | { type: 'bytes'; min: number; max?: number; zero?: { means: number } }
  /** In milliseconds. */
  | { type: 'duration'; min: 'zero' | 'above zero' }
  /** Only for what Tempo has no key for. */
  | { type: 'number'; min: 'above zero' }
  | { type: 'size' }
  | { type: 'durations' }
  /** Names of domains with commas between them, or `none`. */
  | { type: 'domains' }
  | { type: 'retries' };

export interface RawScalar {
  text: string;
  quoted: boolean;
}

export type ReadScalar =
  | { value: string | number | boolean | number[] | string[] }
  /** Nothing there (`key:`, `~`, `null`): the default stays. */
  | { absent: true }
  | { message: string; remedy: string };

/** `fallback`: Tempo's default, for the remedy, as a config writes it. */
export function readScalar(raw: RawScalar, kind: Kind, fallback: string): ReadScalar {
  if (!raw.quoted && ['', '~', 'null', 'Null', 'NULL'].includes(raw.text)) return { absent: true };
  switch (kind.type) {
    case 'text':
      return readText(raw, kind);
    case 'boolean':
      return readBoolean(raw);
    case 'integer':
      return readInteger(raw, kind, fallback);
    case 'bytes':
      return readBytes(raw, kind);
    case 'duration':
      return readDuration(raw, kind, fallback);
    case 'number':
      return readNumber(raw, fallback);
    case 'size':
      return attempt(raw, parseByteSize, `Write a size with its unit, such as ${fallback}.`);
    case 'durations':
      return attempt(raw, parseDurations, `Write durations with commas between them, such as ${fallback}.`);
    case 'domains':
      return attempt(
        raw,
        parseDomains,
        'Write domains with commas between them, such as svc.cluster.local,cluster.local, or none.',
      );
    case 'retries':
      if (raw.text === 'unlimited') return { value: 'unlimited' };
      return readInteger(raw, { min: 0 }, fallback);
  }
}

/** The text in quotes, or how long it is. */
export function shown({ text }: RawScalar): string {
  const harmless =
    text.length <= 16 && /^[-+]?([\d._]+ ?[A-Za-zµμ/]{0,5} ?){1,3}$/.test(text)
      ? true
      : /^(true|false|yes|no|on|off)$/i.test(text);
  if (harmless) return `"${text}"`;
  return text === '' ? 'an empty text' : `this text of ${text.length} character${text.length === 1 ? '' : 's'}`;
}

function readText(raw: RawScalar, kind: Extract<Kind, { type: 'text' }>): ReadScalar {
  if (kind.valid && raw.text !== '' && !kind.valid.test(raw.text)) {
    return { message: `${shown(raw)} is no ${kind.what}`, remedy: `Write ${kind.expects}.` };
  }
  return { value: raw.text };
}

function readBoolean(raw: RawScalar): ReadScalar {
  if (!raw.quoted) {
    if (/^(y|Y|yes|Yes|YES|on|On|ON|true|True|TRUE)$/.test(raw.text)) return { value: true };
    if (/^(n|N|no|No|NO|off|Off|OFF|false|False|FALSE)$/.test(raw.text)) return { value: false };
  }
  return {
    message: `${shown(raw)} is not a boolean${inQuotes(raw)}`,
    remedy: 'Write true or false, without quotes.',
  };
}

/** The integer that Go makes of a plain scalar: decimal, 0x, 0o or 0, 0b, `_` between digits, and floats such as 6e8. */
function goInteger({ text, quoted }: RawScalar): number | undefined {
  if (quoted) return undefined;
  const plain = text.replaceAll('_', '');
  const [, sign, digits] = /^([-+]?)(0b[01]+|0o?[0-7]+|0x[0-9a-fA-F]+|\d+)$/.exec(plain) ?? [];
  if (digits !== undefined) {
    const value = Number(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
    return sign === '-' ? -value : value;
  }
  const value = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(plain) ? Number(plain) : Number.NaN;
  return Number.isInteger(value) ? value : undefined;
}

function inQuotes(raw: RawScalar): string {
  return raw.quoted ? ', because it is in quotes' : '';
}

function readInteger(raw: RawScalar, kind: { min: number; max?: number }, fallback: string): ReadScalar {
  const value = goInteger(raw);
  const range = kind.max === undefined ? `of ${kind.min} or more` : `from ${kind.min} to ${kind.max}`;
  const remedy = `Write a plain whole number ${range}${fallback && `, such as the default of ${fallback}`}.`;
  if (value === undefined) return { message: `${shown(raw)} is not a whole number${inQuotes(raw)}`, remedy };
  if (value < kind.min || value > (kind.max ?? Number.MAX_SAFE_INTEGER)) {
    return { message: `${shown(raw)} is not a number ${range}`, remedy };
  }
  return { value };
}

function readBytes(raw: RawScalar, kind: Extract<Kind, { type: 'bytes' }>): ReadScalar {
  const { min, max, zero } = kind;
  const value = goInteger(raw);
  const fits = (bytes: number) =>
    (bytes === 0 && zero !== undefined) || (bytes >= min && bytes <= (max ?? Number.MAX_SAFE_INTEGER));
  const range = [
    max === undefined ? `${min} or more` : `${min} (${formatByteSize(min)}) to ${max} (${formatByteSize(max)})`,
    zero && `0 for the default of ${formatByteSize(zero.means)}`,
  ]
    .filter(Boolean)
    .join(', or ');
  if (value === undefined) {
    const meant = bytesMeant(raw.text);
    return {
      message: `${shown(raw)} is not a whole number of bytes${inQuotes(raw)}`,
      remedy:
        meant !== undefined && fits(meant)
          ? `Tempo wants a plain integer of bytes: write ${meant}.`
          : `Tempo wants a plain integer of bytes: write ${range}.`,
    };
  }
  if (!fits(value)) {
    const size = Math.abs(value) < 1000 ? '' : ` (${formatByteSize(value)})`;
    const what =
      max === undefined || value < 0
        ? 'is impossible'
        : value < min
          ? 'is less than S3 takes for a part: every upload of more than one part would fail'
          : 'is more than S3 takes for a part';
    return { message: `${shown(raw)}${size} ${what}`, remedy: `Write ${range}.` };
  }
  return { value: value === 0 && zero ? zero.means : value };
}

/** Bytes of `600MB`, `1 mib`, `600M`: what somebody who writes a unit means. */
function bytesMeant(text: string): number | undefined {
  const [, number, prefix = '', binary] = /^(\d+(?:\.\d+)?) ?([kKmMgGtT]?)(i?)[bB]?$/.exec(text) ?? [];
  if (number === undefined) return undefined;
  const letter = binary ? prefix.toUpperCase() : prefix.toUpperCase().replace('K', 'k');
  try {
    return parseByteSize(`${number}${letter}${prefix && binary}B`);
  } catch {
    return undefined;
  }
}

function readDuration(raw: RawScalar, kind: { min: 'zero' | 'above zero' }, fallback: string): ReadScalar {
  const remedy = `Write a duration ${kind.min === 'zero' ? 'of 0s or more' : 'above 0s'}, such as ${fallback}.`;
  let value: number;
  try {
    value = parseGoDuration(raw.text);
  } catch {
    const bare = goInteger(raw) !== undefined;
    return {
      message: bare
        ? `${shown(raw)} has no unit, and Tempo would take it for nanoseconds`
        : `${shown(raw)} is no duration`,
      remedy,
    };
  }
  if (value < 0) return { message: `${shown(raw)} is negative`, remedy };
  if (value === 0 && kind.min === 'above zero') return { message: `${shown(raw)} leaves no time at all`, remedy };
  return { value };
}

function readNumber(raw: RawScalar, fallback: string): ReadScalar {
  const value = /^\d+(\.\d+)?$/.test(raw.text) ? Number(raw.text) : 0;
  if (value > 0) return { value };
  return { message: `${shown(raw)} is not a number above 0`, remedy: `Write one such as ${fallback}.` };
}

function attempt<Value extends number | number[] | string[]>(
  raw: RawScalar,
  parse: (text: string) => Value,
  remedy: string,
): ReadScalar {
  try {
    const value = parse(raw.text);
    if (value !== 0) return { value };
  } catch {
    // The parser's message quotes the text.
  }
  return { message: `${shown(raw)} is not valid here`, remedy };
}

/** None of them 0: a flush that fails at once would be tried again without a pause. */
function parseDurations(text: string): number[] {
  return text.split(',').map((part) => {
    const milliseconds = parseDuration(part.trim());
    if (milliseconds === 0) throw new Error('0s is no pause');
    return milliseconds;
  });
}

/** @throws Error for what is no list of domains. The dot that resolv.conf allows at the end of one is taken off. */
function parseDomains(text: string): string[] {
  if (text === 'none') return [];
  return text.split(',').map((part) => {
    const domain = part.trim().replace(/\.$/, '');
    if (
      domain.length > 253 ||
      !/^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/i.test(domain)
    ) {
      throw new Error('not a domain');
    }
    return domain;
  });
}

/** As a config writes it, for remedies. */
export function writeScalar(value: unknown, kind: Kind): string {
  if (kind.type === 'domains') return (value as string[]).join(',') || 'none';
  if (Array.isArray(value)) return value.map((item) => formatDuration(item)).join(',');
  if (kind.type === 'duration') return formatDuration(value as number);
  if (kind.type === 'size') return formatByteSize(value as number);
  return String(value);
}
