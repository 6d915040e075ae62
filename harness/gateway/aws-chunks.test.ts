import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AwsChunks, isAwsChunked } from './aws-chunks.ts';

const signature = ';chunk-signature=0123456789abcdef';

/** `body` as it comes when it is cut at these places. */
function cutAt(body: Buffer, places: number[]): Buffer[] {
  const sorted = [0, ...places.map((place) => place % (body.length + 1)).sort((a, b) => a - b), body.length];
  return sorted.slice(1).map((end, index) => body.subarray(sorted[index], end));
}

describe('the bytes of the object', () => {
  it('are found whatever the chunks, and however they are read', () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 5 });
    fc.assert(
      fc.property(chunks, fc.boolean(), fc.array(fc.nat(), { maxLength: 12 }), (data, signed, places) => {
        const sign = signed ? signature : '';
        const parts = data.flatMap((bytes) => [`${bytes.length.toString(16)}${sign}\r\n`, bytes, '\r\n']);
        const last = `0${sign}\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n`;
        const body = Buffer.concat([...parts, last].map((part) => Buffer.from(part as string)));
        const follower = new AwsChunks();
        const found = Buffer.concat(cutAt(body, places).flatMap((piece) => follower.data(piece)));
        expect(found).toEqual(Buffer.concat(data));
      }),
    );
  });

  it('are slices of what was read', () => {
    const body = Buffer.from('3\r\nabc\r\n0\r\n\r\n');
    (new AwsChunks().data(body)[0] as Buffer).write('X');
    expect(body.toString()).toBe('3\r\nXbc\r\n0\r\n\r\n');
  });

  it.each(['no chunk at all', 'zz\r\nabc\r\n', '-1\r\nabc', `3${'x'.repeat(2000)}\r\nabc`])(
    'are none in %j',
    (text) => {
      expect(new AwsChunks().data(Buffer.from(text))).toEqual([]);
    },
  );
});

it.each([
  [{ 'content-encoding': 'gzip, aws-chunked' }, true],
  [{ 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' }, true],
  [{ 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', 'content-encoding': 'gzip' }, false],
  [{}, false],
])('a request with %j is in this encoding: %j', (headers, expected) => {
  expect(isAwsChunked(headers)).toBe(expected);
});
