import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../history/events.ts';
import { costOf, lostBeyond } from './cost.ts';

const scenario: HistoryEvent = {
  t: 0,
  type: 'scenario',
  format: 1,
  tool: 'test',
  name: 'single-01',
  client: 'minio',
  seed: 1,
  environment: 'native',
  scenario: {},
  compression: { time: 20, bytes: 200 },
  settings: {},
  command: '',
};
const page = (t: number, block: string): HistoryEvent => ({
  t,
  type: 'wal.page',
  writer: 'ingester-0',
  block,
  page: 1,
  bytes: 1,
});
const cut = (t: number, block: string): HistoryEvent => ({
  t,
  type: 'block.cut',
  writer: 'ingester-0',
  block,
  keyPrefix: `single-tenant/${block}/`,
  bytes: 1,
  objects: [],
});
const flushed = (t: number, block: string, changed: object = {}): HistoryEvent => ({
  t,
  type: 'flush.end',
  writer: 'ingester-0',
  block,
  attempt: 1,
  outcome: 'ok',
  deadlineExceeded: false,
  ...changed,
});

describe('the cost of a run', () => {
  it('is the time of its blocks from being full to S3, in the config’s time, from the timeline on', () => {
    const cost = costOf([
      scenario,
      cut(10, 'before'),
      flushed(15, 'before'),
      { t: 20, type: 'phase', phase: 'timeline' },
      page(60, 'quick'),
      page(90, 'quick'),
      cut(100, 'quick'),
      flushed(110, 'quick'),
      cut(120, 'late'),
      flushed(150, 'late', { outcome: 'fail', deadlineExceeded: true }),
      flushed(400, 'late'),
      cut(200, 'never'),
      flushed(300, 'never', { outcome: 'fail' }),
      // Cut anew by a replay.
      cut(350, 'never'),
      { t: 500, type: 'phase', phase: 'final-read' },
    ]);
    expect(cost).toEqual({
      blockMs: [400, 5600, 6000],
      failedFlushes: 2,
      deadlineExceeded: 1,
      reachedTimeline: true,
    });
  });

  it('tells that the timeline was never reached', () => {
    expect(costOf([scenario, cut(10, 'one')])).toMatchObject({ blockMs: [], reachedTimeline: false });
  });

  it('is held against a healthy run block by block: what one block saved is not set off against another', () => {
    const healthy = { blockMs: [900, 1000, 1900], failedFlushes: 0, deadlineExceeded: 0, reachedTimeline: true };
    expect(lostBeyond({ ...healthy, blockMs: [500, 1000, 3000] }, healthy)).toBe(2000);
  });
});
