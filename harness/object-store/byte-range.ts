/** The `Range` header for the bytes from `start` (included) to `end` (excluded). HTTP has both ends included. */
export function byteRange({ start, end }: { start: number; end: number }): string {
  return `bytes=${start}-${end - 1}`;
}
