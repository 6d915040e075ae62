/**
 * Reads a history:
 *
 * 1. Piece by piece, so that one of a million events needs no more memory than one of a thousand.
 * 2. Each line has to be an event of a type that this version knows, and the scenario's to be of the format that it knows.
 * 3. All but the last line is hashed on the way. The last has to be the seal of what came before it.
 *
 * So that it was not whole is known at the very end: who reads one does nothing that cannot be taken back before that.
 */

import { eventTypes, isEventType } from './event-types.ts';
import type { HistoryEvent } from './events.ts';
import { checkFormat } from './format.ts';
import { copyAgain, HistoryError } from './history-error.ts';
import { LeftOut } from './left-out.ts';
import { parseEvent } from './parse-event.ts';
import { Sealing, sealType } from './seal.ts';
import { wholeLines } from './whole-lines.ts';

const NEWLINE = 10;

/**
 * A history event by event.
 * @throws HistoryError when it is not whole: at the line that is not an event, or at the end. The file system's error.
 */
export async function* readHistory(file: string): AsyncGenerator<HistoryEvent> {
  for await (const events of readHistoryInPieces(file)) yield* events;
}

/** The same, all of it: of one that is short. */
export async function historyEvents(file: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  for await (const piece of readHistoryInPieces(file)) events.push(...piece);
  return events;
}

export interface Reading {
  /** Events of other types are left out, most of them without having been parsed: who wants all of a history's lines checked wants all. */
  only?: ReadonlySet<HistoryEvent['type']>;
  /** The seal is not verified: somebody else does, who reads the same file. */
  unsealed?: true;
}

/** The same, some hundred events at a time: an iterator that waits for each of a million takes half a second for that alone. */
export async function* readHistoryInPieces(
  file: string,
  { only, unsealed }: Reading = {},
): AsyncGenerator<HistoryEvent[]> {
  const sealing = unsealed ? undefined : new Sealing();
  const leftOut = only && new LeftOut(eventTypes.filter((type) => !only.has(type)));
  let number = 0;
  for await (const { bytes, last } of wholeLines(file, { heldBack: 1 })) {
    if (last) {
      sealing?.verify(bytes.toString(), file);
      return;
    }
    const events: HistoryEvent[] = [];
    const before = number;
    let t = 0;
    for (let from = 0, to = 0; from < bytes.length; from = to + 1) {
      to = bytes.indexOf(NEWLINE, from);
      number++;
      // The seal has the time of the last event.
      if (leftOut?.has(bytes, from) && to < bytes.length - 1) continue;
      const event = knownEvent(parseEvent(bytes.toString('utf8', from, to), file, number), file, number);
      t = event.t;
      if (!only || only.has(event.type)) events.push(event);
    }
    sealing?.add(bytes, number - before, t);
    yield events;
  }
}

function knownEvent(event: HistoryEvent, file: string, number: number): HistoryEvent {
  if (event.type === 'scenario') checkFormat(event, file, number);
  if (isEventType(event.type)) return event;
  const problem =
    (event.type as string) === sealType
      ? 'this line is a seal, and there is more after it: the history was edited'
      : `this line is of a type that no event has, "${event.type}": the history was edited, or written by another version of this tool`;
  throw new HistoryError(`${file}:${number}`, problem, copyAgain);
}
