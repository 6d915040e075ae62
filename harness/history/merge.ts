/** Puts the parts of a history together, in the order of time, and reads a history back. */
import { createReadStream } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { HistoryEvent, WriterProcessEvent } from './events.ts';

/** The name of the merged history in a scenario's folder. */
export const historyFile = 'history.ndjson';

/**
 * Merges `parts/*.ndjson` of a scenario's folder into its `history.ndjson`, ordered by `t` (events of the same moment keep
 * the order of their part), and removes the parts once the whole file is in place. A part that was cut short ends in a
 * `harness.error`, unless its process was killed by a fault: then its last line may be half a line, which is left out.
 * @throws Error when a part holds a line that is not an event: the history is then not whole.
 */
export async function mergeParts(folder: string): Promise<HistoryEvent[]> {
  const partsFolder = join(folder, 'parts');
  const events: HistoryEvent[] = [];
  const cutShort: string[] = [];
  for (const name of (await readdir(partsFolder)).filter((file) => file.endsWith('.ndjson')).sort()) {
    const text = await readFile(join(partsFolder, name), 'utf8');
    let number = 0;
    const lines = text.split('\n');
    for (const line of lines) {
      number++;
      // A process that was killed, or a disk that was full, cuts a part short in the middle of a line, and nowhere else.
      if (number === lines.length && line !== '') cutShort.push(basename(name, '.ndjson'));
      else if (line !== '') events.push(parseEvent(line, join(partsFolder, name), number));
    }
  }
  events.sort((a, b) => a.t - b.t);
  const t = events.at(-1)?.t ?? 0;
  for (const where of cutShort.filter((part) => !killedByFault(part, events))) {
    events.push({
      t,
      type: 'harness.error',
      where,
      message: `the part of the history that ${where} wrote was cut short`,
    });
  }
  const target = join(folder, historyFile);
  await writeFile(`${target}.new`, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  await rename(`${target}.new`, target);
  await rm(partsFolder, { recursive: true });
  return events;
}

/**
 * Whether a fault killed the process that wrote this part: `ingester-0` is that of a writer's first process, `ingester-0.2` that of the
 * second. Each ends with one of the writer's own ends, in their order; one that was stopped had the time to write its part whole.
 */
function killedByFault(part: string, events: readonly HistoryEvent[]): boolean {
  const [, writer = part, number = '1'] = /^(.+)\.(\d+)$/.exec(part) ?? [];
  const ends = events.filter(
    (event): event is WriterProcessEvent =>
      event.type === 'writer.process' &&
      (event.what === 'killed' || event.what === 'stopped') &&
      event.writers.includes(writer),
  );
  return ends[Number(number) - 1]?.what === 'killed';
}

/** Reads a history event by event. @throws Error that names the line that is not an event. */
export async function* readHistory(file: string): AsyncGenerator<HistoryEvent> {
  let number = 0;
  // Not by readline: from Node 24 on it breaks lines at U+2028 too, which JSON leaves in its strings.
  let rest = '';
  for await (const chunk of createReadStream(file, 'utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      number++;
      if (line !== '') yield parseEvent(line, file, number);
    }
  }
  if (rest !== '') yield parseEvent(rest, file, number + 1);
}

function parseEvent(line: string, file: string, number: number): HistoryEvent {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch {
    throw new Error(
      `history: ${file}:${number} is not JSON: the history was cut short or edited, and cannot be judged`,
    );
  }
  const { t, type } = (event ?? {}) as Partial<HistoryEvent>;
  if (typeof t !== 'number' || typeof type !== 'string') {
    throw new Error(`history: ${file}:${number} is not an event (no t, no type): it cannot be judged`);
  }
  return event as HistoryEvent;
}
