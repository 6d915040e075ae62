/** For tests: DNS packets as no client and no server should send them. */
import { type Answer, encode, type Packet } from 'dns-packet';
import fc from 'fast-check';

const HEADER_BYTES = 12;

/** The bytes of a packet, one by one as likely as not another, cut short, or with more behind. */
function mutated(whole: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  return fc
    .record({
      packet: whole,
      changes: fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 6 }),
      length: fc.option(fc.nat(120)),
      tail: fc.uint8Array({ maxLength: 40 }),
    })
    .map(({ packet, changes, length, tail }) => {
      const copy = Buffer.from(packet);
      for (const [offset, value] of changes) if (offset < copy.length) copy[offset] = value;
      return Buffer.concat([copy.subarray(0, length ?? copy.length), tail]);
    });
}

/** Names that point to themselves, to each other, forward, or along a chain as long as the packet. */
function pointing(whole: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  return fc
    .record({
      packet: whole,
      pointers: fc.array(fc.nat(0x3fff), { minLength: 1, maxLength: 40 }),
      kind: fc.constantFrom('self', 'back', 'forward', 'anywhere'),
    })
    .map(({ packet, pointers, kind }) => {
      const head = packet.subarray(0, HEADER_BYTES);
      const body = Buffer.alloc(pointers.length * 2 + 4);
      for (const [index, anywhere] of pointers.entries()) {
        const here = HEADER_BYTES + index * 2;
        const target = { self: here, back: Math.max(0, here - 2), forward: here + 2, anywhere }[kind];
        body.writeUInt16BE(0xc000 | target, index * 2);
      }
      return Buffer.concat([head, body, packet.subarray(HEADER_BYTES)]);
    });
}

/** Sections that say that they have more records, and labels and records that say that they are longer, than there is. */
function lying(whole: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  return fc
    .record({
      packet: whole,
      counts: fc.array(fc.tuple(fc.constantFrom(4, 6, 8, 10), fc.nat(0xffff)), { maxLength: 4 }),
      lengths: fc.array(fc.tuple(fc.nat(120), fc.constantFrom(0x3f, 0x40, 0x80, 0xff)), { maxLength: 3 }),
    })
    .map(({ packet, counts, lengths }) => {
      const copy = Buffer.from(packet);
      for (const [offset, count] of counts) if (offset + 2 <= copy.length) copy.writeUInt16BE(count, offset);
      for (const [offset, length] of lengths) {
        if (HEADER_BYTES + offset < copy.length) copy[HEADER_BYTES + offset] = length;
      }
      return copy;
    });
}

/** Anything that is made of one of these packets, and bytes that are made of nothing. */
export function malformed(whole: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const some = fc.constantFrom(...whole);
  return fc.oneof(
    { arbitrary: mutated(some), weight: 4 },
    { arbitrary: pointing(some), weight: 2 },
    { arbitrary: lying(some), weight: 2 },
    { arbitrary: fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)), weight: 2 },
  );
}

const opt: Answer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: 1232,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [{ code: 8, ip: '10.0.0.0', sourcePrefixLength: 24 }],
};

/** Queries for these names, as clients send them: with EDNS0, in another case, with records that a query should not have. */
export function queriesFor(...names: readonly string[]): Buffer[] {
  return names.flatMap((name) => {
    const query = (packet: Packet) => encode({ type: 'query', id: 7, ...packet });
    return [
      query({ questions: [{ name, type: 'A' }] }),
      query({ questions: [{ name: name.toUpperCase(), type: 'AAAA' }], flags: 0x0100 }),
      query({
        questions: [{ name, type: 'A' }],
        additionals: [opt],
        answers: [{ type: 'TXT', name: 'x', data: 'text' }],
        authorities: [{ type: 'NS', name: 'x', data: 'y' }],
      }),
    ];
  });
}

/** A packet of `size` bytes whose every record has a name that takes thousands of pointers to read. */
export function pointersToPointers(size: number): Buffer {
  const packet = Buffer.alloc(size);
  const head = encode({ type: 'query', id: 7, questions: [{ name: 'one.s3.chaos.test', type: 'A' }] });
  head.copy(packet);
  // The first record (of type NULL) holds the chain; the names of all that follow are its last link.
  const chain = Math.min(0x3fff - head.length - 16, size >> 2);
  packet.writeUInt16BE(10, head.length + 1);
  packet.writeUInt16BE(chain, head.length + 9);
  const first = head.length + 11;
  let last = first;
  for (let at = first + 1; at + 2 <= first + chain; at += 2) {
    packet.writeUInt16BE(0xc000 | last, at);
    last = at;
  }
  let count = 1;
  for (let at = first + chain; at + 12 <= size; at += 12) {
    packet.writeUInt16BE(0xc000 | last, at);
    packet.writeUInt16BE(10, at + 2);
    count++;
  }
  packet.writeUInt16BE(count, 10);
  return packet;
}
