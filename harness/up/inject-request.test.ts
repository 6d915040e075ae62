import { describe, expect, it } from 'vitest';
import { faultNames } from '../faults/catalogue.ts';
import { type InjectRequestError, readInjectRequest } from './inject-request.ts';

function refusal(request: unknown): InjectRequestError {
  try {
    readInjectRequest(request);
  } catch (error) {
    return error as InjectRequestError;
  }
  throw new Error('it was taken');
}

it('is parsed to milliseconds and bytes, with what was left out', () => {
  expect(readInjectRequest({ fault: 'latency', with: { latency: '1.5s' }, for: '2m' })).toEqual({
    fault: 'latency',
    with: expect.objectContaining({ latency: 1500, direction: 'downstream' }),
    for: 120_000,
    seed: 42,
  });
  expect(readInjectRequest({ fault: 's3-error' })).toMatchObject({ with: { code: 'SlowDown' } });
});

describe('is refused with where, what, and what would be valid:', () => {
  it.each([
    [{ fault: 'bandwidth', with: { rate: '0' } }, 'with.rate', /"0" is nothing at all: expected a rate over 0/],
    [{ fault: 'bandwidth' }, 'with', /it is missing: expected keys with values/],
    [{ fault: 'dns-failure', with: {} }, 'with.mode', /^it is missing: expected one of servfail, nxdomain, /],
    [{ fault: 'bandwidth', with: {} }, 'with.rate', /it is missing: expected a rate, like 20MB\/s/],
    [
      { fault: 's3-error', with: { probability: 1.5 } },
      'with.probability',
      /1\.5: expected a probability of 1 at most/,
    ],
    [{ fault: 's3-error', with: { probability: 0 } }, 'with.probability', /never fires/],
    [{ fault: 'latency', with: { latency: '-5s' } }, 'with.latency', /"-5s"/],
    [{ fault: 'latency', with: { latency: 5 } }, 'with.latency', /unit is missing/],
    [
      { fault: 's3-error', with: { operations: ['PutObjet'] } },
      'with.operations.0',
      /none of those there are/,
      /^did you mean PutObject\?/,
    ],
    [{ fault: 's3-error', with: { key: '(' } }, 'with.key', /"\(" is not a regular expression/],
    [
      { fault: 's3-error', with: { probabilty: 0.5 } },
      'with.probabilty',
      /there is no such parameter/,
      /^did you mean probability\? valid: code, /,
    ],
    [{ fault: 's3-error', for: '0s' }, 'for', /nothing at all/],
    [{ fault: 's3-error', for: '600h' }, 'for', /24 days \(576h\) at most/],
    [{ fault: 's3-error', seed: -1 }, 'seed', /expected 0 or more/],
    [{ fault: 's3-error', with: [] }, 'with', /expected keys with values/],
    [{ fault: 's3-error', wiht: {} }, 'wiht', /no such parameter/, /did you mean with\?/],
    [{ fault: 's3-eror' }, 'fault', /there is no such fault/, /^did you mean s3-error\? valid: .*latency/],
  ])('%j', (request, where, message, remedy = /./) => {
    const { problems } = refusal(request);
    expect(problems.map((problem) => problem.where)).toEqual([where]);
    expect(problems[0]?.message).toMatch(message);
    if (remedy.source !== '.') expect(problems[0]?.remedy).toMatch(remedy);
  });

  it.each([[undefined], [null], [7], ['s3-error'], [[]], [{}], [{ fault: 7 }]])('%j', (request) => {
    expect(refusal(request)).toMatchObject({
      message: expect.stringContaining('expected {"fault": NAME'),
      problems: [],
    });
    for (const name of faultNames.slice(0, 5)) expect(refusal(request).remedy).toContain(name);
  });

  it('every problem at once', () => {
    const { problems, message } = refusal({
      fault: 's3-error',
      with: { probability: 2, key: '(', first: 0 },
      for: 'soon',
    });
    expect(problems.map(({ where }) => where).sort()).toEqual(['for', 'with.first', 'with.key', 'with.probability']);
    expect(message).toContain('with.first: 0: expected 1 or more');
  });
});
