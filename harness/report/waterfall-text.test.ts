import { expect, it } from 'vitest';
import { exampleWaterfall } from '../what-if/example-explained.ts';
import { waterfallText } from './waterfall-text.ts';

it('tells the pieces, the largest first, what they take without trouble, and what they sum to', () => {
  expect(waterfallText(exampleWaterfall({ queuedMs: 12_000 }), 100)).toBe(
    [
      '    It began at 0:31, 12s after it could have; after 5m flush_op_timeout ended it; 3 requests sent,',
      '    1 failed. Tempo logs: error copying block from local to remote backend: context deadline',
      '    exceeded',
      '    requests on their way to S3  4m39s  93 %  ######################  usual: 5s',
      '    S3 had the request           20s    7 %   ##                      usual: 1s',
      '    connecting                   1s     <1 %                          usual: 900ms',
      '    in all                       5m',
      '    Lost by it, with the wait that follows a failure: 4m50s, due to the network 90 % (bandwidth), S3',
      '    10 % (slow answers).',
    ].join('\n'),
  );
});

it('tells of a flush that went through, without an error', () => {
  const text = waterfallText(
    exampleWaterfall({ outcome: 'ok', deadlineExceeded: false, blame: { lostMs: 0, flushes: 0, causes: [] } }),
    100,
  ).replaceAll(/\n {4}/g, ' ');
  expect(text).toContain('after 5m it went through');
  expect(text).not.toContain('Lost by it');
});

it('tells what the block took to be completed before, where that was slow', () => {
  const text = (completing: { ms: number; usualMs: number }) =>
    waterfallText(exampleWaterfall({ completing }), 300).split('\n')[0];
  expect(text({ ms: 134_000, usualMs: 16_000 })).toContain(
    '1 failed. Before it, completing the block (WAL to local block) took 2m14s, usual: 16s. Tempo logs:',
  );
  expect(text({ ms: 16_000, usualMs: 16_000 })).not.toContain('completing');
});

it('sums up the pieces that are next to nothing, so that the others are seen', () => {
  const rows = [
    { piece: 'way' as const, ms: 297_500, usualMs: 5_000 },
    { piece: 's3' as const, ms: 1_400, usualMs: 1_000 },
    { piece: 'disk' as const, ms: 1_100, usualMs: 0 },
  ];
  const lines = waterfallText(exampleWaterfall({ rows }), 100).split('\n');
  expect(lines.filter((line) => /%|in all/.test(line)).slice(0, 3)).toEqual([
    expect.stringMatching(/^ {4}requests on their way to S3 +4m58s +99 % /),
    expect.stringMatching(/^ {4}less than 1 % each +2\.5s +1 %$/),
    '    in all                       5m',
  ]);
});

it.each([80, 100, 120])('keeps to %i columns, the bars too', (width) => {
  const rows = [
    { piece: 'pool' as const, ms: 183_000, usualMs: 3_000 },
    { piece: 'cpu' as const, ms: 117_000, usualMs: 1_000 },
  ];
  const lines = waterfallText(exampleWaterfall({ rows }), width).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  expect(lines.join('\n')).toMatch(/#{6,}/);
});
