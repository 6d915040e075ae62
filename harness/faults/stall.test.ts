import { describe, expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import { effectOf } from './example-effect.ts';
import { stall } from './stall.ts';

type Direction = 'upstream' | 'downstream' | 'both';
const parameters = (direction: Direction) => stall.parameters.parse({ direction });

const time = ([start, end]: readonly [number, number]) => [start, end] as const;
/** Its bytes never came to S3. */
const unsent = (start: number, end: number) =>
  request('block', `object-${start}`, time([start, end]), {
    client: { failure: 'reset', outcome: 'info' },
    upstream: 'none',
  }).slice(1);
/** S3 did it within 5 ms, and the answer never came. */
const unanswered = (start: number, end: number) => {
  const upstream = { start, end: start + 5, status: 200 };
  return request('block', `object-${start}`, time([start, end]), {
    client: { failure: 'header-timeout', outcome: 'info', status: undefined } as never,
    edge: { t: start + 6, upstream },
  });
};
/** It waited until the heal, and then went on: S3 did it at its end. */
const late = (start: number, end: number) =>
  request('block', `object-${start}`, time([start, end]), {
    edge: { upstream: { start: end - 5, end: end - 1, status: 200 } },
  });
const answered = (start: number, end = start + 10) => request('block', `object-${start}`, time([start, end]));
const before = [answered(100, 130), answered(200, 220), unsent(300, 900)].flat();

describe('the effect upstream', () => {
  it('is seen by requests that got no answer for longer than any took before, none of which S3 had applied', () => {
    expect(effectOf('stall', parameters('upstream'), [unsent(1000, 1500), unsent(1600, 2001)], { before })).toEqual({
      seen: true,
      acted: 2,
      message: '2 requests got no answer, for up to 500ms, and S3 had applied 0 of them',
    });
  });

  it('is not seen when S3 had applied one', () => {
    const happened = [unsent(1000, 1500), unanswered(1600, 2001)];
    expect(effectOf('stall', parameters('upstream'), happened, { before })).toMatchObject({ seen: false, acted: 2 });
    expect(effectOf('stall', parameters('both'), happened, { before })).toMatchObject({ seen: false, acted: 2 });
  });

  it('is seen when they went on after the heal, and S3 applied them then', () => {
    expect(effectOf('stall', parameters('upstream'), [late(1000, 2050), late(1500, 2040)], { before })).toMatchObject({
      seen: true,
      acted: 2,
    });
  });
});

describe('the effect downstream', () => {
  it('is seen by requests that S3 had applied', () => {
    expect(
      effectOf('stall', parameters('downstream'), [unanswered(1000, 1500), unsent(1600, 2001)], { before }),
    ).toEqual({
      seen: true,
      acted: 2,
      message: '2 requests got no answer, for up to 500ms, and S3 had applied 1 of them',
    });
  });

  it('is seen by one that had begun before, as long as that it waited in its time', () => {
    const happened = [unanswered(900, 1500), unsent(1600, 2001)];
    expect(effectOf('stall', parameters('downstream'), happened, { before })).toMatchObject({ seen: true, acted: 2 });
    const short = [unanswered(900, 1030), unsent(1600, 2001)];
    expect(effectOf('stall', parameters('downstream'), short, { before })).toMatchObject({ seen: false, acted: 1 });
  });

  it('is not seen when S3 had applied none', () => {
    expect(effectOf('stall', parameters('downstream'), [unsent(1000, 1500)], { before })).toMatchObject({
      seen: false,
    });
    expect(effectOf('stall', parameters('downstream'), [late(1000, 2050)], { before })).toMatchObject({ seen: false });
  });

  it('is not seen by what S3 refused', () => {
    const [edge, attempt] = unanswered(1000, 1500);
    const refused = { ...edge, upstream: { start: 1000, end: 1005, status: 500 } };
    expect(effectOf('stall', parameters('downstream'), [[refused, attempt]], { before })).toMatchObject({
      seen: false,
    });
  });
});

describe.each(['upstream', 'downstream', 'both'] as const)('the effect %s', (direction) => {
  const stalled = direction === 'downstream' ? unanswered : unsent;

  it('is not seen when one got an answer', () => {
    expect(effectOf('stall', parameters(direction), [stalled(1000, 1500), answered(1600)], { before })).toEqual({
      seen: false,
      acted: 1,
      message: 'of 2 requests that began while it was in force, 1 got an answer, where bytes should have stopped',
    });
  });

  it('is not seen when none waited longer than those before did', () => {
    expect(effectOf('stall', parameters(direction), [stalled(1980, 2500)], { before })).toEqual({
      seen: false,
      acted: 0,
      message:
        'none of 1 request waited longer than 30ms, as they did before the first fault too: it needs to last longer',
    });
  });

  it('is not seen without load', () => {
    expect(effectOf('stall', parameters(direction), [stalled(990, 1500)], { before })).toMatchObject({
      seen: false,
      acted: 0,
      message: 'no request began while it was in force; it needs load',
    });
  });
});
