import { expect, it } from 'vitest';
import { exampleWaterfall } from '../what-if/example-explained.ts';
import { waterfallText } from './waterfall-text.ts';

it('tells the pieces, the largest first, what they take without trouble, and what they sum to', () => {
  expect(waterfallText(exampleWaterfall({ queuedMs: 12_000 }), 100)).toBe(
    [
      '    It began at 0:31, 12s after it could have; after 5m its deadline ended it; 3 requests sent, 1',
      '    failed. Tempo logs: error copying block from local to remote backend: context deadline exceeded',
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
