/** Puts the parts of a history together, in the order of time, and seals it. */
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { HistoryEvent } from './events.ts';
import { partLines } from './read-part.ts';
import { Sealing } from './seal.ts';
import { SortedLines, type TimedLine } from './sorted-lines.ts';

/** The name of the merged history in a scenario's folder. */
export const historyFile = 'history.ndjson';
/** The folder in it of what each process writes, until the parts are merged. */
export const partsFolder = 'parts';

/**
 * Merges `parts/*.ndjson` of a scenario's folder into its `history.ndjson`, ordered by `t` (events of the same moment keep
 * the order of their part), and removes the parts once the whole file, its seal included, is in place. A part that was cut short ends in a
 * `harness.error`, unless its process was killed by a fault: then its last line may be half a line, which is left out. Gives the file's path.
 * @throws HistoryError when a part holds a line that is not an event: the history is then not whole.
 */
export async function mergeParts(folder: string): Promise<string> {
  const parts = join(folder, partsFolder);
  await using sorted = new SortedLines(join(parts, 'runs'));
  const ends: End[] = [];
  const cutShort: string[] = [];
  for (const name of (await readdir(parts)).filter((file) => file.endsWith('.ndjson')).sort()) {
    if (await addPart(join(parts, name), sorted, ends)) cutShort.push(basename(name, '.ndjson'));
  }
  const byTime = ends.sort((a, b) => a.t - b.t);
  const target = join(folder, historyFile);
  await writeSealed(
    `${target}.new`,
    sorted.inOrder(),
    cutShort.filter((part) => !killedByFault(part, byTime)),
  );
  await rename(`${target}.new`, target);
  await rm(parts, { recursive: true });
  return target;
}

/** Writers ended that had been started: by a fault, or since S3 did not let them start. */
interface End {
  t: number;
  writers: readonly string[];
  /** And not in order. */
  killed: boolean;
}

/** Whether it was cut short. */
async function addPart(file: string, sorted: SortedLines, ends: End[]): Promise<boolean> {
  const lines = partLines(file);
  for (;;) {
    const next = await lines.next();
    if (next.done) return next.value.cutShort;
    const { line, event } = next.value;
    await sorted.add({ t: event.t, line });
    const { t } = event;
    if (event.type === 'writer.start-failed') ends.push({ t, writers: [event.writer], killed: false });
    else if (event.type === 'writer.process' && (event.what === 'killed' || event.what === 'stopped')) {
      ends.push({ t, writers: event.writers, killed: event.what === 'killed' });
    }
  }
}

/**
 * Whether a fault killed the process that wrote this part: `ingester-0` is that of a writer's first start, `ingester-0.2` that of the
 * second. Each ends with one of the writer's own ends, in their order; one that was stopped, or could not start, had the time to write
 * its part whole. One that was killed while it waited to be started has an end, and no part.
 */
function killedByFault(part: string, ends: readonly End[]): boolean {
  const [, writer = part, number = '1'] = /^(.+)\.(\d+)$/.exec(part) ?? [];
  const own = ends.filter(({ writers }) => writers.includes(writer));
  return own[Number(number) - 1]?.killed === true;
}

async function writeSealed(
  file: string,
  pieces: AsyncIterable<readonly TimedLine[]>,
  cutShort: readonly string[],
): Promise<void> {
  await using handle: FileHandle = await open(file, 'w');
  const sealing = new Sealing();
  let last = 0;
  const write = async (lines: readonly TimedLine[]) => {
    const bytes = Buffer.from(lines.map(({ line }) => `${line}\n`).join(''));
    last = lines.at(-1)?.t ?? last;
    sealing.add(bytes, lines.length, last);
    await writeAll(handle, bytes);
  };
  for await (const lines of pieces) await write(lines);
  for (const where of cutShort) {
    const message = `the part of the history that ${where} wrote was cut short`;
    const event: HistoryEvent = { t: last, type: 'harness.error', where, message };
    await write([{ t: last, line: JSON.stringify(event) }]);
  }
  await writeAll(handle, Buffer.from(sealing.line()));
}

/** A write may take less than it is given. */
async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten;
}
