/** Reads what one process wrote of a history. Its last line may be half a line, and there is no seal. */
import type { HistoryEvent } from './events.ts';
import { parseEvent } from './parse-event.ts';
import { wholeLines } from './whole-lines.ts';

const NEWLINE = 10;

export interface PartLine {
  /** As it was written, without its line break. */
  line: string;
  event: HistoryEvent;
}

/**
 * The lines of a part, with their events. Returns whether the part was cut short: a process that was killed, or a disk that was full, ends it
 * in the middle of a line, and nowhere else.
 * @throws HistoryError for a line that is not an event, and the file system's error.
 */
export async function* partLines(file: string): AsyncGenerator<PartLine, { cutShort: boolean }> {
  let number = 0;
  for await (const { bytes, last } of wholeLines(file)) {
    if (last) return { cutShort: bytes.length > 0 };
    for (let from = 0, to = 0; from < bytes.length; from = to + 1) {
      to = bytes.indexOf(NEWLINE, from);
      number++;
      if (to === from) continue;
      const line = bytes.toString('utf8', from, to);
      yield { line, event: parseEvent(line, file, number) };
    }
  }
  return { cutShort: false };
}

/** The events of a part that is whole. @throws Error when it is not, and what `partLines` throws. */
export async function* readPart(file: string): AsyncGenerator<HistoryEvent> {
  const lines = partLines(file);
  for (;;) {
    const next = await lines.next();
    if (!next.done) yield next.value.event;
    else if (next.value.cutShort) throw new Error(`history: ${file} was cut short: its last line is half a line`);
    else return;
  }
}
