/** Reads a file of lines in pieces: whatever its size, some hundred KiB of it are in memory at a time. */
import { type FileHandle, open } from 'node:fs/promises';
import { HistoryError } from './history-error.ts';

/** What is read at a time. Larger pieces are not read sooner, and keep the event loop for longer. */
const PIECE_BYTES = 256 * 1024;
/** No event is as long: the longest, a block of some thousand objects, has some hundred KiB. */
const MOST_LINE_BYTES = 256 * PIECE_BYTES;

/** For what a piece leaves over to the next; for more of it, the next is copied. */
const ROOM = 64 * 1024;

const NEWLINE = 10;

/** Of a file: lines of it, each with its line break, and whether they are its end. What follows the last line break comes at the end. */
export interface Piece {
  /** Overwritten when the next piece is read. */
  bytes: Buffer;
  last: boolean;
}

/**
 * The bytes of a file, in pieces that end where a line does. Only the last, which is always given and may be empty, may end elsewhere.
 * `heldBack` lines at the end of the file come in the last piece, and in no other.
 *
 * While a piece is made use of, the next is read, behind room for what this one leaves over: the begin of a line.
 * @throws the file system's error; HistoryError for a line that is too long to be an event.
 */
export async function* wholeLines(file: string, { heldBack = 0 }: { heldBack?: 0 | 1 } = {}): AsyncGenerator<Piece> {
  const handle = await open(file);
  let reading: Promise<Read> | undefined;
  try {
    reading = read(handle, withRoom());
    let spare = withRoom();
    let left: Buffer = Buffer.alloc(0);
    for (;;) {
      const { buffer, bytesRead } = await reading;
      const bytes = joined(left, buffer, bytesRead);
      if (bytesRead === 0) return yield { bytes, last: true };
      const end = endOfLines(bytes, bytes.length, heldBack);
      left = bytes.subarray(end);
      if (left.length >= MOST_LINE_BYTES) {
        throw new HistoryError(
          file,
          `it has a line of more than ${left.length} bytes, which no event has`,
          'is it a history?',
        );
      }
      // What is left over is copied before its buffer is read into again: there are two of them. Of a line that is longer than a piece, as
      // much more is read as there is of it, so that it is not copied at each piece.
      reading = read(handle, left.length > ROOM ? withRoom(left.length) : spare);
      if (left.length <= ROOM) spare = buffer;
      if (end > 0) yield { bytes: bytes.subarray(0, end), last: false };
    }
  } finally {
    // Who stops early closes what is read from.
    await reading?.catch(() => {});
    await handle.close();
  }
}

interface Read {
  buffer: Buffer;
  /** Behind the room. */
  bytesRead: number;
}

function withRoom(bytes = PIECE_BYTES): Buffer {
  return Buffer.allocUnsafe(ROOM + Math.max(PIECE_BYTES, bytes));
}

function read(handle: FileHandle, buffer: Buffer): Promise<Read> {
  const reading = handle.read(buffer, ROOM, buffer.length - ROOM).then(({ bytesRead }) => ({ buffer, bytesRead }));
  // That it failed is told to who waits for it, which nobody may do yet.
  reading.catch(() => {});
  return reading;
}

/** What was left over, and what was read after it. */
function joined(left: Buffer, buffer: Buffer, bytesRead: number): Buffer {
  const end = ROOM + bytesRead;
  if (left.length > ROOM) return Buffer.concat([left, buffer.subarray(ROOM, end)]);
  left.copy(buffer, ROOM - left.length);
  return buffer.subarray(ROOM - left.length, end);
}

/** Where the whole lines of a buffer end, without the last of them if it is to be held back. */
function endOfLines(buffer: Buffer, filled: number, heldBack: 0 | 1): number {
  const end = buffer.lastIndexOf(NEWLINE, filled - 1) + 1;
  if (heldBack === 0 || end <= 1) return heldBack === 0 ? end : 0;
  return buffer.lastIndexOf(NEWLINE, end - 2) + 1;
}
