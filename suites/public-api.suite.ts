/** The test of README.md that asks the public API. `harness/cli/readme.test.ts` compares the two. */
import { expect, it } from 'vitest';
import { run } from '../harness/index.ts';

it('our config survives S3 throttling half of its writes', async () => {
  const result = await run({
    config: 'suites/configs/tempo-4361.yaml',
    scenarios: ['slowdown-burst'],
    clients: ['minio'],
  });
  expect(result.verdict, result.folder).toBe('pass');
}, 120_000);
