/** What is written and read to compare two ways to S3. */

/** Bytes; around the sizes at which a client or a buffer changes its mind. */
export const sizes = [0, 1, 4096, 65_536, 65_537, 1024 * 1024] as const;

/** Keys that S3 allows, each with what is special about it. */
export const keys = [
  'plain',
  'with space',
  'plus+sign',
  'percent%25',
  'per%cent',
  'slash/in/side',
  'ünïcödé-ключ-鍵',
  'quote\'"',
  'amp&eq=q?hash#',
  'semi;colon:comma,',
  'tilde~(paren)[bracket]{brace}',
  'star*bang!',
  'dot.',
  'long'.repeat(60),
] as const;

/** Bytes that differ from place to place. */
export function pattern(size: number): Buffer {
  const body = Buffer.alloc(size);
  for (let index = 0; index < size; index++) body[index] = (index * 31 + (index >> 8)) & 0xff;
  return body;
}
