import { describe, expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import type { AttemptEvent } from '../history/events.ts';
import { corruptBody } from './corrupt-body.ts';
import { effectOf } from './example-effect.ts';
import { injected } from './example-injection.ts';
import { objections } from './refused-parameters.ts';

const rule = '1-corrupt-body';
const parsed = (given: object = {}) => corruptBody.parameters.parse(given);
const altered = { rule, flipped: 1 };
const mismatch = { status: 400, code: 'XAmzContentSHA256Mismatch' };
const refused = (name: string) =>
  request('a', name, [1000, 1010], { upstream: 400, answered: mismatch, edge: altered });
const taken = (name: string) => request('a', name, [1000, 1010], { edge: altered });

describe('the effect on requests', () => {
  it('is seen when S3 refuses bodies that do not match their signature', () => {
    expect(effectOf('corrupt-body', parsed(), [refused('x'), refused('y')], { end: { fired: 2 } })).toEqual({
      seen: true,
      message: '2 bodies were altered on the way: S3 refused 2 (XAmzContentSHA256Mismatch) and took 0',
    });
  });

  it('is seen over TLS when S3 takes what nobody signed', () => {
    const [, handshake] = request('a', 'before', [900, 910], { client: { phases: { tls: 3 } } });
    const before: AttemptEvent[] = [handshake];
    expect(effectOf('corrupt-body', parsed(), [taken('x')], { end: { fired: 1 }, before })).toEqual({
      seen: true,
      message: '1 bodies were altered on the way: S3 refused 0 and took 1',
    });
  });

  it('is not seen when a signed body is said to be altered, and S3 took it', () => {
    expect(effectOf('corrupt-body', parsed(), [taken('x'), refused('y')], { end: { fired: 2 } })).toEqual({
      seen: false,
      message: 'S3 took 1 bodies that the edge says it had altered, although their signature is of what was sent',
    });
  });

  it('is not seen when it counts and does nothing', () => {
    const events = [request('a', 'x', [1000, 1010]), request('a', 'y', [1000, 1010], { edge: { rule } })];
    expect(effectOf('corrupt-body', parsed(), events, { end: { fired: 7 } })).toEqual({
      seen: false,
      message: '2 attempts were ones that it is about, and no body of theirs was altered',
    });
  });

  it('is not seen when no answer came, or where there was nothing that it is about', () => {
    const lost = request('a', 'x', [1000, 1010], {
      edge: altered,
      client: { status: undefined, failure: 'reset', outcome: 'info' } as never,
    });
    expect(effectOf('corrupt-body', parsed(), [lost], { end: { fired: 1 } })).toMatchObject({
      seen: false,
      message: '1 bodies were altered on the way, and no client got an answer to one',
    });
    const parts = parsed({ operations: ['UploadPart'] });
    expect(effectOf('corrupt-body', parts, [request('a', 'x', [1000, 1010])], { end: { fired: 0 } }).message).toBe(
      'none of the 1 attempts in that time was one that it is about (UploadPart)',
    );
  });
});

describe('the effect on answers', () => {
  const answers = parsed({ direction: 'answer' });
  const create = (client: object = {}) =>
    request('a', 'data.parquet', [1000, 1010], { operation: 'CreateMultipartUpload', edge: altered, client });
  const part = (upstream: number, edge: object = {}) =>
    request('a', 'data.parquet', [1020, 1030], { operation: 'UploadPart', upstream, edge: { uploadId: 'u', ...edge } });

  it('is seen when a client could not read one', () => {
    const garbled = create({ failure: 'protocol', outcome: 'info' });
    expect(effectOf('corrupt-body', answers, [garbled], { end: { fired: 1 } })).toEqual({
      seen: true,
      message: '1 answers were altered on the way, and 1 made a difference',
    });
  });

  it('is seen when a client goes on with an upload that S3 never gave out', () => {
    expect(effectOf('corrupt-body', answers, [create(), part(404)], { end: { fired: 1 } }).seen).toBe(true);
  });

  it('is seen when a client read another error than S3 gave', () => {
    const misread = request('a', 'x', [1000, 1010], {
      upstream: 503,
      answered: { status: 503, code: 'SlowDown' },
      edge: altered,
      client: { code: 'SlowEown' },
    });
    expect(effectOf('corrupt-body', answers, [misread], { end: { fired: 1 } }).seen).toBe(true);
  });

  it('is not seen when it made no difference', () => {
    expect(effectOf('corrupt-body', answers, [create(), part(200)], { end: { fired: 1 } })).toMatchObject({
      seen: false,
      message: expect.stringContaining('none made a difference'),
    });
  });

  it('is not seen when it counts and does nothing', () => {
    const untouched = request('a', 'x', [1000, 1010], { operation: 'CreateMultipartUpload' });
    expect(effectOf('corrupt-body', answers, [untouched], { end: { fired: 7 } })).toMatchObject({
      seen: false,
      message: '1 attempt was one that it is about, and no body of their answers was altered',
    });
  });
});

it('flips so many bits, one way', async () => {
  const { rules } = await injected('corrupt-body', { direction: 'answer', bits: 3, probability: 0.1 });
  expect(rules).toEqual([
    { kind: 'corrupt', rule, seed: 7, match: { probability: 0.1 }, direction: 'answer', bits: 3 },
  ]);
  expect(objections('corrupt-body', { bits: 0 })).toHaveLength(1);
});
