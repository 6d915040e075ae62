import { describe, expect, it } from 'vitest';
import type { DnsQueryEvent, EdgeEvent } from '../history/events.ts';
import { observe } from './observation.ts';
import { PART_SIZE, type Program, type RequestFault } from './program.ts';

let clock = 0;
/** One request, of 10 ms, that began after those before it. */
function edge(operation: EdgeEvent['operation'], more: Partial<EdgeEvent> = {}): EdgeEvent {
  clock += 20;
  return {
    ...{ t: clock + 10, start: clock, type: 'edge', route: 'r', connection: 1, operation, bucket: 'b', key: 'k' },
    ...{ method: 'PUT', bytesIn: 0, bytesOut: 0, status: 200 },
    ...more,
  };
}
const part = (partNumber: number, more: Partial<EdgeEvent> = {}) => edge('UploadPart', { partNumber, ...more });

function query(more: Partial<DnsQueryEvent>): DnsQueryEvent {
  clock += 20;
  return {
    ...{ t: clock, type: 'dns.query', name: 'n', question: 'A', transport: 'udp' },
    ...{ answer: 'NOERROR', addresses: ['127.0.0.1'], ...more },
  };
}

function fault(operation: RequestFault['operation'], from: number, to: number, partNumber?: number): RequestFault {
  const treatment = { kind: 'cut', when: 'before-apply' } as const;
  return { operation, from, to, treatment, ...(partNumber !== undefined && { part: partNumber }) };
}

const program = (faults: RequestFault[], size = PART_SIZE + 1): Program => ({
  ...{ number: 0, kind: 'k', size, faults, divided: {} },
});
const ok = { kind: 'ok' } as const;
const linesOf = (of: Program, edges: EdgeEvent[], ended: Parameters<typeof observe>[1]['ended'] = ok) =>
  observe(of, { edges, queries: [], ended }).lines;

describe('an upload', () => {
  it('is told part by part, whatever the order in which they went', () => {
    const edges = [
      edge('CreateMultipartUpload'),
      part(2, { status: 503, code: 'SlowDown' }),
      part(1),
      part(3),
      part(2),
      edge('CompleteMultipartUpload'),
    ];
    expect(linesOf(program([]), edges.reverse())).toEqual([
      'CreateMultipartUpload: 200',
      'UploadPart 1: 200',
      'UploadPart 2: 503 SlowDown',
      'UploadPart 2: 200',
      'UploadPart 3: 200',
      'CompleteMultipartUpload: 200',
      '=> ok',
    ]);
  });

  it('shows a part that comes after it should have been over', () => {
    const edges = [edge('CreateMultipartUpload'), edge('CompleteMultipartUpload'), part(1)];
    expect(linesOf(program([]), edges).slice(1, 3)).toEqual(['CompleteMultipartUpload: 200', 'UploadPart 1: 200']);
  });

  it('that is given up over one part leaves out the others, and no other upload does', () => {
    const edges = () => [
      edge('CreateMultipartUpload'),
      part(1),
      part(2, { status: 403, code: 'AccessDenied', rule: 'fault-0' }),
      edge('AbortMultipartUpload', { status: 204 }),
    ];
    const given = [fault('UploadPart', 1, 1, 2)];
    const failed = { kind: 's3', status: 403, message: 'Access Denied.' } as const;
    expect(linesOf(program(given), edges(), failed)).toEqual([
      'CreateMultipartUpload: 200',
      'UploadPart 2: 403 AccessDenied',
      'AbortMultipartUpload: 204',
      '=> S3 said 403: Access Denied.',
    ]);
    expect(linesOf(program(given), edges())).toContain('UploadPart 1: 200');
    expect(linesOf(program([fault('CompleteMultipartUpload', 1, 1)]), edges(), failed)).toContain('UploadPart 1: 200');
  });

  it('counts the parts in flight at once', () => {
    const overlapping = [1, 2, 3].map((number) => part(number));
    for (const one of overlapping.slice(0, 2)) one.t = clock + 5;
    expect(observe(program([]), { edges: overlapping, queries: [], ended: ok }).partsAtOnce).toBe(3);
    const after = [part(1), part(2)];
    expect(observe(program([]), { edges: after, queries: [], ended: ok }).partsAtOnce).toBe(1);
  });
});

it('a single object has its look-ups in their places, and how each connection ended', () => {
  const small = program([], 10);
  const queries = [
    query({ answer: 'SERVFAIL', addresses: [], rule: 'name' }),
    query({ question: 'AAAA', addresses: [] }),
  ];
  queries.push(query({ addresses: ['127.9.9.9'], rule: 'name' }), query({}));
  const edges = [
    edge('PutObject', { cut: 'rule', status: undefined } as never),
    edge('PutObject', { cut: 'client', status: undefined } as never),
    edge('PutObject', { cut: 'rule' }),
  ];
  expect(observe(small, { edges, queries, ended: { kind: 'transport', failure: 'reset' } }).lines).toEqual([
    'look-up: SERVFAIL',
    'look-up: elsewhere',
    'look-up: 127.0.0.1',
    'PutObject: cut',
    'PutObject: no answer, the client left',
    'PutObject: 200, cut short',
    '=> no answer: reset',
  ]);
});

it('has the waits between the attempts of each request, from when its client could know', () => {
  const edges = [
    part(1, { status: 503 }),
    part(2, { status: 503 }),
    part(1, { status: 503 }),
    part(1),
    // An answer that came before the body had gone, and a connection that the client ended.
    edge('PutObject', { status: 503, answerStart: clock + 21, bodyEnd: clock + 25 }),
    edge('PutObject', { cut: 'client' }),
    edge('PutObject'),
  ];
  const [, , first, , early] = edges as [unknown, unknown, EdgeEvent, unknown, EdgeEvent];
  early.answerStart = early.start + 1;
  early.bodyEnd = early.start + 9;
  expect(first.start).toBeGreaterThan(0);
  expect(observe(program([]), { edges, queries: [], ended: ok }).delays).toEqual([
    { request: 'UploadPart 1', attempt: 1, ms: 30, leftBehind: false },
    { request: 'UploadPart 1', attempt: 2, ms: 10, leftBehind: false },
    { request: 'PutObject', attempt: 1, ms: 19, leftBehind: false },
    { request: 'PutObject', attempt: 2, ms: 10, leftBehind: true },
  ]);
});

describe('goes astray', () => {
  const faults = [fault('UploadPart', 1, 1, 2), fault('UploadPart', 2, 2, 2)];
  const astray = (...edges: EdgeEvent[]) => observe(program(faults), { edges, queries: [], ended: ok }).astray;

  it('when a request met another fault than was due, or none', () => {
    expect(astray(part(1), part(2, { rule: 'fault-0' }), part(2, { rule: 'fault-1' }), part(2))).toBeUndefined();
    expect(astray(part(2))).toBe('request 1 of UploadPart 2 met no fault, and fault-0 was due');
    expect(astray(part(2, { rule: 'fault-0' }), part(2))).toBe(
      'request 2 of UploadPart 2 met no fault, and fault-1 was due',
    );
    expect(astray(part(1, { rule: 'fault-0' }))).toBe('request 1 of UploadPart 1 met fault-0, and none was due');
  });

  it('not when the client left before it could meet it', () => {
    expect(astray(part(2, { cut: 'client' }))).toBeUndefined();
  });
});
