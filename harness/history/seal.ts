/**
 * The last line of a history: how many events there are, and the SHA-256 of all the bytes before it. A history without its seal is not whole.
 *
 * It notices what was cut short, and what was changed by hand or by a broken copy. It is no signature: who means to deceive can make a new
 * one.
 *
 * All of the line follows from what comes before it, to the byte, so that no byte of a history can be another one unnoticed, those of the
 * seal included.
 */
import { createHash } from 'node:crypto';
import { copyAgain, HistoryError } from './history-error.ts';

export const sealType = 'seal';

/** The last line, as it is written. */
export interface Seal {
  /** That of the last event; 0 without one. */
  t: number;
  type: typeof sealType;
  events: number;
  /** Hex. */
  sha256: string;
}

/** Of a history as it is written, or as it is read again. */
export class Sealing {
  readonly #hash = createHash('sha256');
  #events = 0;
  #t = 0;

  /** Whole lines, how many they are, and the time of the last of them. */
  add(bytes: Buffer, events: number, t: number): void {
    if (events === 0) return;
    this.#hash.update(bytes);
    this.#events += events;
    this.#t = t;
  }

  /** The line, with its line break. To be called once: nothing is added after it. */
  line(): string {
    const seal: Seal = { t: this.#t, type: sealType, events: this.#events, sha256: this.#hash.digest('hex') };
    return `${JSON.stringify(seal)}\n`;
  }

  /** @throws HistoryError unless `found`, all that comes after the lines that were added, is their seal. */
  verify(found: string, file: string): void {
    const events = this.#events;
    const expected = this.line();
    if (found === expected) return;
    throw new HistoryError(file, whatIsWrong(found, expected, events), copyAgain);
  }
}

/** `found` is at most one whole line, and what follows the last line break. */
function whatIsWrong(found: string, expected: string, events: number): string {
  if (found === '') return 'the history is empty: it has not even a seal';
  const lines = found.split('\n').filter((line) => line !== '');
  const line = `line ${events + lines.length}`;
  const seal = asSeal(lines.at(-1) ?? '');
  if (!found.endsWith('\n')) {
    if (lines.length > 1 && asSeal(lines[0] as string)) return `the history was edited: ${line} comes after its seal`;
    return `the history was cut short: it ends within ${line}, ${seal ? 'its seal' : 'which is no seal'}`;
  }
  if (!seal) return `the history was cut short: ${line} is no seal`;
  const { events: sealed, sha256 } = JSON.parse(expected) as Seal;
  if (seal.events !== sealed)
    return `the history was edited: it was sealed with ${seal.events} events, and has ${sealed}`;
  if (seal.sha256 !== sha256) return 'the history was edited: its lines are not those that were sealed';
  return `the history was edited: its seal (${line}) is not as it was written`;
}

/** `undefined`: it is none. */
function asSeal(line: string): Seal | undefined {
  try {
    const value = JSON.parse(line) as Partial<Seal> | null;
    return value?.type === sealType ? (value as Seal) : undefined;
  } catch {
    return undefined;
  }
}
