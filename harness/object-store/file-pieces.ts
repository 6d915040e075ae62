/**
 * A file read piece by piece into memory that is used again. With memory of its own for each piece, as a file stream has it, a writer
 * that sends blocks spends more on getting and giving back that memory than on sending: docs/decisions/116.
 *
 * 1. One piece is read ahead into one half of the memory, while the reader is busy with the other.
 * 2. Asking for the next says that the reader is done with the piece before: its half is read into then.
 */
import { close, open, read } from 'node:fs';
import { promisify } from 'node:util';

/** Large enough that the disk is asked seldom, small enough that many requests at once stay small. */
export const PIECE = 256 * 1024;

const [openAsync, readAsync, closeAsync] = [promisify(open), promisify(read), promisify(close)];

/** What pieces are read into: one reader's at a time. Made when it is first needed. */
export class PieceMemory {
  readonly #size: number;
  readonly #halves: Buffer[] = [];

  /** `most`: bytes that are ever read, if that is known. */
  constructor(most = Number.POSITIVE_INFINITY) {
    this.#size = Math.max(1, Math.min(PIECE, most));
  }

  /** By turns the one and the other. */
  half(turn: number): Buffer {
    const place = turn % 2;
    this.#halves[place] ??= Buffer.allocUnsafeSlow(this.#size);
    return this.#halves[place] as Buffer;
  }
}

/**
 * The bytes of `path` from `start` (included) to `end` (excluded), or to the end of the file if that comes first. Each piece holds until
 * the next is asked for: whoever needs one for longer copies it.
 * @throws the file system's error
 */
export async function* filePieces(
  path: string,
  start = 0,
  end = Number.POSITIVE_INFINITY,
  memory = new PieceMemory(end - start),
): AsyncGenerator<Buffer, void> {
  const file = await openAsync(path, 'r');
  let turn = 0;
  const readAt = (at: number) => {
    const half = memory.half(turn++);
    const reading = readAsync(file, half, 0, Math.min(half.length, end - at), at).then(({ bytesRead }) =>
      half.subarray(0, bytesRead),
    );
    // It fails when it is asked for.
    reading.catch(() => {});
    return reading;
  };
  let ahead: Promise<Buffer> | undefined = start < end ? readAt(start) : undefined;
  try {
    for (let at = start; ahead; ) {
      const piece: Buffer = await ahead;
      if (piece.length === 0) return;
      at += piece.length;
      ahead = at < end ? readAt(at) : undefined;
      yield piece;
    }
  } finally {
    // A number of a file that is closed may be another file's by the time that it is read.
    await ahead?.catch(() => {});
    await closeAsync(file);
  }
}
