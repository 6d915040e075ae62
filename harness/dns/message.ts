/**
 * The server's side of the DNS wire format (RFC 1035, EDNS0 of RFC 6891): queries in, replies out. The codec is dns-packet; here
 * is what a server must add to it:
 *
 * - The question is kept as bytes and answered with the same bytes, so that its case, and types that the codec has no name for,
 *   come back untouched.
 * - A name is looked up by its bytes, in ASCII lower case: decoded to text, a label with a dot in it would pass for two.
 */
import { type Answer, AUTHORITATIVE_ANSWER, decode, encode, RECURSION_DESIRED, TRUNCATED_RESPONSE } from 'dns-packet';
import { type ResponseCode, responseCodes } from './response-code.ts';

export interface Query {
  id: number;
  recursionDesired: boolean;
  /** 0 is a query; the others (status, notify, update, ...) are not ours. */
  opcode: number;
  /** The bytes of the question section. */
  question: Buffer;
  /** The name asked for, as `wireName` gives it. */
  wireName: string;
  /** The name asked for, in the case in which it was asked. */
  name: string;
  /** `A`, `AAAA`, ..., `UNKNOWN_65280`. */
  type: string;
  /** `IN`, or something that nobody uses any more. */
  class: string;
  /** The client speaks EDNS0, and takes UDP answers up to so many bytes. */
  edns?: { udpPayloadSize: number; version: number };
}

export interface Reply {
  code: ResponseCode;
  /** We are the authority for the name. */
  authoritative: boolean;
  answers: Answer[];
  authorities: Answer[];
  /** Over UDP, however small it is, it is cut to its question and marked as truncated. */
  cut?: boolean;
}

/** What came in: a query, something broken that can be told so, or something that must not be answered. */
export type Parsed = { kind: 'query'; query: Query } | { kind: 'malformed'; id: number } | { kind: 'ignore' };

const HEADER_BYTES = 12;
/** RFC 1035, section 4.2.1: what a UDP answer may have for a client without EDNS0; with it, a lower size counts as this. */
const UDP_LIMIT_BYTES = 512;
/** What an IPv4 datagram can carry. */
const DATAGRAM_LIMIT_BYTES = 65_507;
/** The size that we say we take, where fragments begin (DNS flag day 2020). Queries are far smaller. */
const OUR_UDP_PAYLOAD_BYTES = 1232;

/** A name as its bytes on the wire, in lower case, one character a byte: `\x02s3\x05chaos\x04test\x00`. */
export function wireName(name: string): string {
  const labels = name.toLowerCase().split('.');
  return `${labels.map((label) => `${String.fromCharCode(label.length)}${label}`).join('')}\0`;
}

/** Whether a name is `zone` or below it. Both as `wireName` gives them. */
export function isWithin(name: string, zone: string): boolean {
  let offset = 0;
  while (name.length - offset > zone.length) offset += name.charCodeAt(offset) + 1;
  return name.slice(offset) === zone;
}

/** Reads what a client sent. Never throws. */
export function parseQuery(packet: Buffer): Parsed {
  // Without an id there is nobody to tell; and a response is never answered, or two servers could talk for ever.
  if (packet.length < 2 || ((packet[2] ?? 0) & 0x80) !== 0) return { kind: 'ignore' };
  const id = packet.readUInt16BE(0);
  // What is larger holds no question of anybody's, and 64 KiB of pointers to pointers would take the codec half a second.
  if (packet.length > OUR_UDP_PAYLOAD_BYTES) return { kind: 'malformed', id };
  try {
    const decoded = decode(packet);
    // The codec reads past the end of options that are cut short.
    if (decode.bytes > packet.length) return { kind: 'malformed', id };
    const question = decoded.questions?.[0];
    const options = (decoded.additionals ?? []).filter((record) => record.type === 'OPT');
    if (!question || decoded.questions?.length !== 1 || options.length > 1) return { kind: 'malformed', id };
    const bytes = packet.subarray(HEADER_BYTES, questionEnd(packet));
    const [option] = options;
    return {
      kind: 'query',
      query: {
        id,
        recursionDesired: decoded.flag_rd,
        opcode: ((decoded.flags ?? 0) >> 11) & 0xf,
        question: bytes,
        wireName: bytes.toString('latin1', 0, bytes.length - 4).toLowerCase(),
        name: question.name,
        type: question.type,
        class: question.class ?? 'IN',
        ...(option && { edns: { udpPayloadSize: option.udpPayloadSize, version: option.ednsVersion } }),
      },
    };
  } catch {
    return { kind: 'malformed', id };
  }
}

/** Where the question section of a packet with one question ends. @throws Error for a pointer: there is nothing to point to. */
function questionEnd(packet: Buffer): number {
  let offset = HEADER_BYTES;
  for (let length = packet[offset] ?? 0; length !== 0; length = packet[offset] ?? 0) {
    if (length > 63) throw new Error('a question is not compressed');
    offset += length + 1;
  }
  return offset + 5;
}

/** The answer to a packet that could not be read. */
export function encodeMalformed(id: number): Buffer {
  return encode({ type: 'response', id, flags: responseCodes.FORMERR });
}

/** The reply as bytes. Over UDP, one that is too large for the client (or is to be) is cut to its question, marked as truncated. */
export function encodeReply(
  query: Query,
  reply: Reply,
  transport: 'udp' | 'tcp',
): { packet: Buffer; truncated: boolean } {
  const whole = assemble(query, reply, 0);
  if (transport === 'tcp' || (!reply.cut && whole.length <= udpLimit(query)))
    return { packet: whole, truncated: false };
  return { packet: assemble(query, { ...reply, answers: [], authorities: [] }, TRUNCATED_RESPONSE), truncated: true };
}

function udpLimit(query: Query): number {
  return Math.min(Math.max(UDP_LIMIT_BYTES, query.edns?.udpPayloadSize ?? 0), DATAGRAM_LIMIT_BYTES);
}

function assemble(query: Query, reply: Reply, extraFlags: number): Buffer {
  const code = responseCodes[reply.code];
  const packet = encode({
    type: 'response',
    id: query.id,
    flags:
      (query.opcode << 11) |
      (reply.authoritative ? AUTHORITATIVE_ANSWER : 0) |
      (query.recursionDesired ? RECURSION_DESIRED : 0) |
      extraFlags |
      (code & 0xf),
    answers: reply.answers,
    authorities: reply.authorities,
    additionals: query.edns
      ? [
          {
            type: 'OPT',
            name: '.',
            udpPayloadSize: OUR_UDP_PAYLOAD_BYTES,
            extendedRcode: code >> 4,
            ednsVersion: 0,
            flags: 0,
            flag_do: false,
            options: [],
          },
        ]
      : [],
  });
  // The codec compresses nothing, so no offset in the packet is disturbed by the question that is put in.
  packet.writeUInt16BE(1, 4);
  return Buffer.concat([packet.subarray(0, HEADER_BYTES), query.question, packet.subarray(HEADER_BYTES)]);
}
