/** Requests, from each point that saw them. */
import { z } from 'zod';
import { bytes, count, event, keyPrefix, maybe, moment, ms, operation, success, text } from './event.ts';

const key = text("The object's key; empty for a request to the bucket.");
const partNumber = maybe(count('The part of a multipart upload.'));
const route = text("The gateway's route: one for each lease.");
const connection = count("The gateway's number for the connection.");

export const requestSchemas = {
  attempt: event('attempt', 'One attempt of one S3 operation. `t` is its end.', {
    id: text('Unique in the run; travels in the header `x-chaos-attempt`, which the gateway strips.'),
    operation,
    bucket: text('The bucket.'),
    key,
    partNumber,
    request: text('Groups the attempts of one request needed: all share it.'),
    attempt: count('1 for the first.'),
    start: moment('Its begin'),
    phases: z
      .strictObject({
        socket: maybe(ms('Waiting for a connection of the pool')),
        dns: maybe(ms('Resolving the name')),
        connect: maybe(ms('Connecting')),
        tls: maybe(ms('The TLS handshake')),
        send: maybe(ms('From the connection being ours to the last byte of the request handed to the kernel')),
        diskRead: maybe(ms('Of `send`: waiting for the local disk')),
        wait: maybe(ms('From the request sent to the first byte of the answer')),
        receive: maybe(ms('From the first to the last byte of the answer')),
      })
      .describe('What each phase took. They follow one another; one that did not happen is absent.'),
    bytesSent: bytes("The request's body"),
    bytesReceived: bytes("The answer's body"),
    outcome: z.enum(['ok', 'fail', 'info']).describe('`info`: unknown, it may have been applied.'),
    status: maybe(count('Of the answer. Absent: none came.')),
    code: maybe(text('The S3 error code of the answer.')),
    failure: maybe(
      z
        .enum(['dns', 'connect', 'tls', 'reset', 'header-timeout', 'deadline', 'aborted', 'disk', 'protocol'])
        .describe('What ended an attempt that has no S3 answer, or hid it.'),
    ),
    message: maybe(text('The error, as the client has it.')),
    connection: maybe(count("The client's number for the connection. Absent: there never was one.")),
    reused: maybe(z.boolean().describe('Whether the connection was used before.')),
    retryIn: maybe(ms('How long until the policy tries again', 'Absent: it does not.')),
  }),
  edge: event('edge', 'One request at the S3 edge of the gateway. `t` is the end of the exchange.', {
    id: maybe(text('The attempt, when the client sent its id.')),
    route,
    connection,
    operation,
    bucket: text('The bucket.'),
    key,
    partNumber,
    uploadId: maybe(text('The multipart upload.')),
    method: text('Of HTTP.'),
    wire: maybe(
      z
        .strictObject({ first: moment('Its first byte'), last: moment('Its last byte') })
        .describe('The request as the wire stage saw it come in, below S3 and before any cap.'),
    ),
    start: moment("The request's headers were read"),
    bodyEnd: maybe(moment("The last byte of the request's body was read", 'Absent: it never came.')),
    answerStart: maybe(
      moment("The first byte of the answer was handed to the client's connection", 'Absent: there was none.'),
    ),
    bytesIn: bytes("The request's body"),
    bytesOut: bytes("The answer's body"),
    status: maybe(count('That the client was answered. Absent: the connection ended first.')),
    code: maybe(text('The S3 error code that the client was answered.')),
    upstream: maybe(
      z
        .strictObject({
          start: moment('The request went to MinIO'),
          answer: maybe(moment("The first byte of MinIO's answer", 'Absent: there was none.')),
          end: moment('The end of the exchange with MinIO'),
          status: maybe(count("MinIO's.")),
          etag: maybe(text("MinIO's, for an object written.")),
          error: maybe(text('How the exchange with MinIO broke.')),
          resent: maybe(
            text('A kept connection had ended before any answer, so the request was sent again: how it had ended.'),
          ),
          blockedMs: maybe(
            ms('For how long it took no more of the body, so that the edge did not read on', 'Absent: never.'),
          ),
        })
        .describe('What MinIO did with it. Absent: MinIO never saw it.'),
    ),
    rule: maybe(text('The faults that took effect on it or kept it from MinIO, joined by `+`.')),
    judged: maybe(
      z
        .array(
          z.strictObject({
            rule: text('The fault.'),
            n: count('For the how-manieth time it judged the same operation, key and part: 1 for the first.'),
            acts: z.boolean().describe('It was to act on the request.'),
          }),
        )
        .describe(
          'What each fault that draws by the seed decided of it when its headers were read, whatever became of the request later.',
        ),
    ),
    flipped: maybe(count("Bits of the request's or the answer's body that a fault flipped.")),
    heldMs: maybe(ms('How long a fault made it wait')),
    cut: maybe(z.enum(['client', 'upstream', 'rule']).describe('The connection ended early: who ended it.')),
  }),
  wire: event('wire', 'One connection at the wire stage of the gateway, below S3. `t` is its end.', {
    route,
    connection,
    opened: moment('It was accepted'),
    bytesIn: bytes('Of all that came in'),
    bytesOut: bytes('Of all that went out'),
    ended: z.enum(['client', 'gateway', 'error']).describe('By whom; `error`: reset.'),
    rule: maybe(text('The shared caps that made its bytes wait.')),
  }),
  'tls.handshake': event('tls.handshake', 'One TLS handshake at the gateway. `t` is its end.', {
    route,
    connection,
    start: moment('Its begin'),
    outcome: success,
    error: maybe(text("The client's alert, or how it ended.")),
    rule: maybe(text('The fault that acted on it.')),
  }),
  'dns.query': event('dns.query', 'One query that the DNS server got.', {
    name: text('As it was given out.'),
    asked: maybe(text('What was asked for, where it is not the name itself.')),
    question: text('The type: `A`, `AAAA`.'),
    transport: z.enum(['udp', 'tcp']),
    answer: text('`NOERROR`, `NXDOMAIN`, `SERVFAIL`, ...; `none`: not answered on purpose.'),
    addresses: z.array(z.string()),
    rule: maybe(text('The fault that acted on it.')),
  }),
  poll: event('poll', 'One poll of the bucket by a reader that does what a Tempo blocklist does. `t` is its end.', {
    start: moment('Its begin'),
    found: z
      .array(
        z.strictObject({
          keyPrefix,
          block: text("The block's id."),
          objects: z.array(z.strictObject({ name: text('Below the folder of the block.'), size: bytes('Its size') })),
        }),
      )
      .describe('The blocks whose meta.json was there for the first time, with the objects that were there then.'),
    unreadable: maybe(
      z
        .array(z.strictObject({ key: text("The object's key."), problem: text('Why.') }))
        .describe('Each meta.json seen for the first time that no reader makes a block of.'),
    ),
    error: maybe(text('The poll failed, and says nothing of the bucket.')),
  }),
  background: event('background', 'One request of the traffic beside the writers. `t` is its end.', {
    operation,
    ms: ms('What it took'),
    bytes: bytes('Written or read'),
    outcome: success,
    error: maybe(text('How it failed.')),
  }),
};
