import { expect, it } from 'vitest';
import { diagnosisReport } from './diagnosis.ts';
import { plain } from './paint.ts';

it('tells what works, and what would make the others work', () => {
  const report = diagnosisReport(
    [
      { name: 'native', diagnosis: { works: true, detail: 'MinIO and Toxiproxy in the cache' } },
      {
        name: 'docker',
        diagnosis: { works: false, problem: 'no engine answers', remedy: 'sudo systemctl start docker' },
      },
    ],
    plain,
  );
  expect(report).toBe(
    [
      'native  works: MinIO and Toxiproxy in the cache',
      'docker  does not work: no engine answers',
      '        remedy: sudo systemctl start docker',
      '',
    ].join('\n'),
  );
});
