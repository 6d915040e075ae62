/** A tar archive (POSIX ustar) of files that hold nothing but zeros, made while it is read. */

const BLOCK = 512;
const CHUNK = 1024 * 1024;
const OWNER_ONLY = 0o600;

/** @param files with short names, of less than 8 GiB each. */
export function* tarOfZeros(files: readonly { name: string; bytes: number }[]): Generator<Buffer> {
  for (const { name, bytes } of files) {
    yield header(name, bytes);
    const whole = Math.ceil(bytes / BLOCK) * BLOCK;
    for (let left = whole; left > 0; left -= CHUNK) yield Buffer.alloc(Math.min(left, CHUNK));
  }
  // The end of the archive.
  yield Buffer.alloc(2 * BLOCK);
}

function header(name: string, bytes: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, digits: number) =>
    block.write(`${value.toString(8).padStart(digits, '0')}\0`, offset);
  block.write(name);
  octal(OWNER_ONLY, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(bytes, 124, 11);
  octal(0, 136, 11);
  // The checksum is taken with itself as spaces.
  block.write(' '.repeat(8), 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  );
  return block;
}
