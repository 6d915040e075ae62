import { describe, expect, it } from 'vitest';
import { request, slowDown } from '../checkers/example-history.ts';
import type { Lease } from '../environment/lease.ts';
import type { EdgeRule } from '../gateway/protocol.ts';
import { effectOf } from './example-effect.ts';
import { s3Error } from './s3-error.ts';
import { s3ErrorCodes } from './s3-error-codes.ts';

const throttled = s3Error.parameters.parse({});

describe('the effect', () => {
  it('is seen by attempts that were answered so', () => {
    const events = [
      slowDown('a', 'x', [1000, 1010]),
      request('a', 'y', [1000, 1010]),
      slowDown('a', 'z', [1020, 1030]),
    ];
    expect(effectOf('s3-error', throttled, events, { end: { fired: 2 } })).toEqual({
      seen: true,
      message: '2 of 3 attempts were answered SlowDown',
    });
  });

  it('is not seen when it considered requests and hit none', () => {
    const events = [request('a', 'x', [1000, 1010])];
    expect(effectOf('s3-error', throttled, events, { end: { fired: 0, evidence: { considered: 9 } } })).toEqual({
      seen: false,
      message: '9 requests were considered, and no client got a SlowDown',
    });
  });

  it('is not seen when there was nothing that it is about', () => {
    const events = [request('a', 'x', [1000, 1010]), request('a', 'y', [1000, 1010])];
    expect(effectOf('s3-error', throttled, events, { end: { fired: 0, evidence: { considered: 0 } } })).toEqual({
      seen: false,
      message: 'none of the 2 attempts in that time was one that it is about',
    });
  });

  it("is not seen in another fault's answers", () => {
    const denied = s3Error.parameters.parse({ code: 'AccessDenied' });
    expect(effectOf('s3-error', denied, [slowDown('a', 'x', [1000, 1010])], { end: { fired: 1 } }).seen).toBe(false);
  });
});

describe('the rule', () => {
  async function inject(parameters: object) {
    const rules: EdgeRule[] = [];
    const edge = {
      addRule: async (rule: EdgeRule) => void rules.push(rule),
      removeRule: async (rule: string) => ({ considered: 5, fired: rule === '1-s3-error' ? 3 : 0 }),
    };
    const active = await s3Error.inject({
      lease: { edge } as unknown as Lease,
      parameters: s3Error.parameters.parse(parameters),
      id: '1-s3-error',
      seed: 7,
    });
    return { rules, healed: await active.heal() };
  }

  it("has the code's own status and wording, and matches all", async () => {
    const { rules, healed } = await inject({});
    expect(rules).toEqual([
      {
        kind: 'answer-error',
        rule: '1-s3-error',
        seed: 7,
        match: {},
        status: 503,
        code: 'SlowDown',
        message: 'Please reduce your request rate.',
      },
    ]);
    expect(healed).toEqual({ fired: 3, unit: 'requests', measured: { considered: 5 } });
  });

  it('has what it is told', async () => {
    const parameters = {
      code: 'InternalError',
      status: 599,
      operations: ['PutObject'],
      key: 'meta',
      probability: 0.5,
      first: 2,
      retryAfter: 0,
    };
    const { rules } = await inject(parameters);
    expect(rules[0]).toMatchObject({
      status: 599,
      code: 'InternalError',
      match: { operations: ['PutObject'], key: 'meta', probability: 0.5, first: 2 },
      retryAfter: 0,
    });
  });
});

it.each([
  [{ code: 'slowdown' }, 'code'],
  [{ status: 200 }, 'status'],
  [{ operations: [] }, 'operations'],
  [{ operations: ['putObject'] }, 'operations.0'],
  [{ key: '(' }, 'key'],
  [{ probability: 0 }, 'probability'],
  [{ probability: 1.5 }, 'probability'],
  [{ first: 0 }, 'first'],
  [{ first: 1.5 }, 'first'],
  [{ retryAfter: -1 }, 'retryAfter'],
])('%j is refused', (parameters, path) => {
  const parsed = s3Error.parameters.safeParse(parameters);
  expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
});

it('has a status of an error, and words, for each code', () => {
  for (const [code, [status, message]] of Object.entries(s3ErrorCodes)) {
    expect(status, code).toBeGreaterThanOrEqual(300);
    expect(status, code).toBeLessThan(600);
    expect(message, code).not.toBe('');
  }
});
