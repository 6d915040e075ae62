import { describe, expect, it } from 'vitest';
import { request, slowDown } from '../checkers/example-history.ts';
import { effectOf } from './example-effect.ts';
import { injected } from './example-injection.ts';
import { s3Error } from './s3-error.ts';
import { s3ErrorCodes } from './s3-error-codes.ts';

const rule = '1-s3-error';
const parsed = (given: object = {}) => s3Error.parameters.parse(given);
const ruled = (name: string, start = 1000) => slowDown('a', name, [start, start + 10], { edge: { rule } });
const answered = { status: 503, code: 'SlowDown' };

describe('the effect', () => {
  it('is seen by attempts that the edge answered so', () => {
    const events = [ruled('x'), request('a', 'y', [1000, 1010]), ruled('z', 1020)];
    expect(effectOf('s3-error', parsed(), events, { end: { fired: 2 } })).toEqual({
      seen: true,
      message: '2 of 3 attempts were answered SlowDown',
    });
  });

  it('is not seen when it counts and does nothing', () => {
    const events = [request('a', 'x', [1000, 1010]), request('a', 'y', [1000, 1010])];
    expect(effectOf('s3-error', parsed(), events, { end: { fired: 7, evidence: { considered: 7 } } })).toEqual({
      seen: false,
      message: '2 attempts were ones that it is about, and no client got a SlowDown',
    });
  });

  it('is not seen when the edge names the rule, and the client got what it asked for', () => {
    const events = [ruled('x'), request('a', 'y', [1000, 1010], { edge: { rule } })];
    expect(effectOf('s3-error', parsed(), events, { end: { fired: 2 } })).toEqual({
      seen: false,
      message: 'the S3 edge says that it acted on 2 attempts, and 1 of them were answered as if it had not',
    });
  });

  it('is not seen when there was nothing that it is about', () => {
    const events = [request('a', 'x', [1000, 1010]), request('a', 'y', [1000, 1010])];
    const parts = parsed({ operations: ['UploadPart'], key: 'data' });
    expect(effectOf('s3-error', parts, events, { end: { fired: 0 } })).toEqual({
      seen: false,
      message: 'none of the 2 attempts in that time was one that it is about (UploadPart, key /data/)',
    });
  });

  it("is not seen in another fault's answers, nor in MinIO's own", () => {
    const others = slowDown('a', 'x', [1000, 1010], { edge: { rule: '2-s3-error' } });
    const minio = slowDown('a', 'y', [1000, 1010]);
    expect(effectOf('s3-error', parsed(), [others, minio], { end: { fired: 2 } }).seen).toBe(false);
  });

  it('is not seen with another status or code than was due', () => {
    const other = request('a', 'y', [1000, 1010], {
      upstream: 'unseen',
      answered: { status: 503, code: 'ServiceUnavailable' },
      edge: { rule },
    });
    expect(effectOf('s3-error', parsed(), [other], { end: { fired: 1 } }).seen).toBe(false);
    expect(effectOf('s3-error', parsed({ status: 500 }), [ruled('x')], { end: { fired: 1 } }).seen).toBe(false);
  });

  it('leaves undecided what another fault, or a deadline, hid from the client', () => {
    const hidden = slowDown('a', 'x', [1000, 1010], {
      edge: { rule },
      client: { status: undefined, code: undefined, failure: 'deadline' } as never,
    });
    expect(effectOf('s3-error', parsed(), [hidden, ruled('y')], { end: { fired: 2 } })).toMatchObject({ seen: true });
    expect(effectOf('s3-error', parsed(), [hidden], { end: { fired: 1 } })).toMatchObject({ seen: false });
  });

  it('of after-apply is seen only where S3 had done it', () => {
    const applied = request('a', 'x', [1000, 1010], {
      answered,
      upstream: 200,
      edge: { rule },
      client: { outcome: 'fail' },
    });
    const refused = request('a', 'y', [1000, 1010], { answered, upstream: 404, edge: { rule } });
    const late = parsed({ when: 'after-apply' });
    expect(effectOf('s3-error', late, [applied, refused], { end: { fired: 2 } })).toEqual({
      seen: true,
      message: '2 of 2 attempts were answered SlowDown, 1 of them having been applied',
    });
    expect(effectOf('s3-error', late, [refused], { end: { fired: 1 } })).toEqual({
      seen: false,
      message: '1 of 1 attempts were answered SlowDown, and S3 had applied none of them',
    });
    expect(effectOf('s3-error', late, [ruled('z')], { end: { fired: 1 } }).seen).toBe(false);
    // The other way round: S3 did it, and was not to.
    expect(effectOf('s3-error', parsed(), [applied], { end: { fired: 1 } }).seen).toBe(false);
  });

  it('is told by the status alone where an answer has no document', () => {
    const head = slowDown('a', 'x', [1000, 1010], {
      operation: 'HeadObject',
      edge: { rule },
      client: { code: undefined } as never,
    });
    expect(effectOf('s3-error', parsed(), [head], { end: { fired: 1 } }).seen).toBe(true);
  });
});

describe('the rule', () => {
  it("has the code's own status and wording, and matches all", async () => {
    const { rules, removed, active } = await injected('s3-error', {});
    expect(rules).toEqual([
      {
        kind: 'answer-error',
        rule,
        seed: 7,
        match: {},
        status: 503,
        code: 'SlowDown',
        message: 'Please reduce your request rate.',
        when: 'after-body',
      },
    ]);
    const evidence = { fired: 3, unit: 'requests', measured: { considered: 5 } };
    expect(await active.evidence()).toEqual(evidence);
    expect(removed).toEqual([]);
    expect(await active.heal()).toEqual(evidence);
    expect(removed).toEqual([rule]);
  });

  it('has what it is told', async () => {
    const requests = {
      operations: ['PutObject'],
      key: 'meta',
      bucket: 'tempo',
      probability: 0.5,
      first: 2,
      every: 3,
      window: { from: 2, to: 4 },
    };
    const { rules } = await injected('s3-error', {
      ...requests,
      code: 'InternalError',
      status: 599,
      retryAfter: 0,
      when: 'before-body',
    });
    expect(rules[0]).toMatchObject({
      status: 599,
      code: 'InternalError',
      match: requests,
      retryAfter: 0,
      when: 'before-body',
    });
  });
});

it.each([
  [{ code: 'slowdown' }, 'code'],
  [{ status: 200 }, 'status'],
  [{ when: 'later' }, 'when'],
  [{ retryAfter: -1 }, 'retryAfter'],
])('%j is refused', (parameters, path) => {
  const parsed = s3Error.parameters.safeParse(parameters);
  expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
});

it('has a status of an error, and words, for each code', () => {
  expect(Object.keys(s3ErrorCodes).length).toBeGreaterThan(110);
  for (const [code, [status, message]] of Object.entries(s3ErrorCodes)) {
    expect(status, code).toBeGreaterThanOrEqual(300);
    expect(status, code).toBeLessThan(600);
    expect(message, code).not.toBe('');
  }
});
