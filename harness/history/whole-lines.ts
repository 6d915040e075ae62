/** Reads a file of lines in pieces: whatever its size, some hundred KiB of it are in memory at a time. */
import { type FileHandle, open } from 'node:fs/promises';
import { HistoryError } from './history-error.ts';

/** What is read at a time. Larger pieces are not read sooner, and keep the event loop for longer. */
const PIECE_BYTES = 256 * 1024;
/** No event is as long: the longest, a block of some thousand objects, has some hundred KiB. */
const MOST_LINE_BYTES = 256 * PIECE_BYTES;

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
 * @throws the file system's error; HistoryError for a line that is too long to be an event.
 */
export async function* wholeLines(file: string, { heldBack = 0 }: { heldBack?: 0 | 1 } = {}): AsyncGenerator<Piece> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file);
    let buffer = Buffer.allocUnsafe(2 * PIECE_BYTES);
    let filled = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled);
      filled += bytesRead;
      if (bytesRead === 0) break;
      const end = endOfLines(buffer, filled, heldBack);
      if (end > 0) {
        yield { bytes: buffer.subarray(0, end), last: false };
        buffer.copyWithin(0, end, filled);
        filled -= end;
      }
      if (filled < buffer.length) continue;
      if (filled >= MOST_LINE_BYTES) {
        throw new HistoryError(
          file,
          `it has a line of more than ${filled} bytes, which no event has`,
          'is it a history?',
        );
      }
      const larger = Buffer.allocUnsafe(buffer.length * 2);
      buffer.copy(larger, 0, 0, filled);
      buffer = larger;
    }
    yield { bytes: buffer.subarray(0, filled), last: true };
  } finally {
    await handle?.close();
  }
}

/** Where the whole lines of a buffer end, without the last of them if it is to be held back. */
function endOfLines(buffer: Buffer, filled: number, heldBack: 0 | 1): number {
  const end = buffer.lastIndexOf(NEWLINE, filled - 1) + 1;
  if (heldBack === 0 || end <= 1) return heldBack === 0 ? end : 0;
  return buffer.lastIndexOf(NEWLINE, end - 2) + 1;
}
