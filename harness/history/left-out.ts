/**
 * Tells by a line's first bytes that its event is of a type that nobody asks for, so that it need not be parsed. Every event is written with
 * its `t` first and its `type` second: `{"t":12.5,"type":"edge",`. Any other line may be of any type.
 */
import type { HistoryEvent } from './events.ts';

const NEWLINE = 10;
const COMMA = 44;
/** Between the comma and the type's first letter: `"type":"`. */
const BEFORE_TYPE = '"type":"'.length;
const BEGIN = Buffer.from('{"t":');
/** Of a time. */
const MOST_DIGITS = 30;

export class LeftOut {
  /** What stands behind the comma, by the first letter of the type. */
  readonly #byLetter: (Buffer[] | undefined)[] = [];

  constructor(types: readonly HistoryEvent['type'][]) {
    for (const type of types) {
      const known = this.#byLetter[type.charCodeAt(0)] ?? [];
      known.push(Buffer.from(`"type":"${type}"`));
      this.#byLetter[type.charCodeAt(0)] = known;
    }
  }

  /** Whether the line of `bytes` that begins at `from` is of one of the types. */
  has(bytes: Buffer, from: number): boolean {
    if (!isAt(bytes, from, BEGIN)) return false;
    let comma = from + BEGIN.length;
    for (const end = comma + MOST_DIGITS; bytes[comma] !== COMMA; comma++) {
      if (comma === end || bytes[comma] === NEWLINE) return false;
    }
    const known = this.#byLetter[bytes[comma + 1 + BEFORE_TYPE] as number];
    return known?.some((type) => isAt(bytes, comma + 1, type)) ?? false;
  }
}

function isAt(bytes: Buffer, at: number, wanted: Buffer): boolean {
  for (let index = 0; index < wanted.length; index++) if (bytes[at + index] !== wanted[index]) return false;
  return true;
}
