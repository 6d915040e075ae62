import { describe, expect, it } from 'vitest';
import { HistoryError } from '../history/history-error.ts';
import { exampleResult } from '../report/example-run.ts';
import { exampleExplained, exampleOutcome, exampleWhatIf } from '../what-if/example-explained.ts';
import { runFake } from './fake-harness.ts';

const healthy = exampleExplained({
  result: exampleResult(),
  waterfalls: [],
  failedFlushes: 0,
  blame: { lostMs: 0, flushes: 0, causes: [] },
});

describe('explain', () => {
  it('tells the blame, and of each flush over its deadline where its time went, the largest piece first', async () => {
    const { exitCode, stdout } = await runFake(['explain', 'results']);
    expect(exitCode).toBe(0);
    expect(stdout.replaceAll(/\n +/g, ' ')).toContain('the network 90 % (bandwidth), S3 10 % (slow answers)');
    expect(stdout.match(/^flush \d+/gm)).toEqual(['flush 1', 'flush 2']);
    const pieces = stdout.match(/^ {4}(requests on their way|S3 had|connecting|in all).*$/gm)?.slice(0, 4);
    expect(pieces?.map((line) => line.trim().split(/ {2,}/).slice(0, 2))).toEqual([
      ['requests on their way to S3', '4m39s'],
      ['S3 had the request', '20s'],
      ['connecting', '1s'],
      ['in all', '5m'],
    ]);
    expect(stdout).toContain('1 more flush failed or was slow: --flush N shows any of 1 to 3');
  });

  it('shows the flush, or the block, that is asked for', async () => {
    const { stdout: third } = await runFake(['explain', 'results', '--flush', '3']);
    expect(third.match(/^flush \d+.*$/gm)).toEqual([expect.stringMatching(/^flush 3: block ffffffff.*slow$/)]);
    const { stdout: ofBlock } = await runFake([
      'explain',
      'results',
      '--block',
      '0a1b2c3d-0000-4000-8000-000000000002',
    ]);
    expect(ofBlock.match(/^flush \d+/gm)).toEqual(['flush 2']);
  });

  it('says where the history is, and how to run it alone', async () => {
    const { stdout } = await runFake(['explain', 'results']);
    expect(stdout.trimEnd().split('\n').slice(-2)).toEqual([
      'evidence: chaos-results/r/slowdown-burst-aws-sdk/history.ndjson',
      'alone:    npx tempo-s3-chaos run slowdown-burst --client aws-sdk --seed 42',
    ]);
  });

  it('says plainly when there is none', async () => {
    const { exitCode, stdout } = await runFake(['explain', 'results'], { explain: async () => healthy });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('No time was lost: no flush failed, or was slow or late.');
  });

  it.each([
    [['--flush', '4'], '--flush 4: 3 flushes failed or were slow in results', 'give a number from 1 to 3'],
    [['--block', 'eeee'], '--block eeee: no flush of it failed or was slow', 'there are 0a1b2c3d'],
    [['--block', '1234'], '--block 1234: no block of results has that id', 'there are 0a1b2c3d'],
    [['--block', '0a', '--flush', '1'], '--flush and --block name flushes', 'give one of them'],
    [['--block', ''], '--block "" names no block', 'give the first characters of its id'],
    [['--most', '3'], '--most is for --what-if', 'add --what-if, or leave --most away'],
    [['--environment', 'native'], '--environment is for --what-if', 'add --what-if'],
    [['--out', 'x'], '--out is for --what-if', 'add --what-if'],
    [['--what-if', '--out', ''], '--out "" names no folder', 'name one'],
    [['--flush', '0'], '--flush "0" is no whole number from 1', '--flush 4'],
  ])('refuses %j', async (options, problem, remedy) => {
    const { exitCode, stderr, stdout } = await runFake(['explain', 'results', ...options]);
    expect(exitCode).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toContain(problem);
    expect(stderr).toContain(remedy);
  });

  it('refuses a history that is not whole, with where, what and the remedy', async () => {
    const { exitCode, stderr } = await runFake(['explain', 'results'], {
      explain: async () => {
        throw new HistoryError('results/history.ndjson', 'was cut short', 'run the scenario again');
      },
    });
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/results\/history\.ndjson: was cut short\n +remedy: run the scenario again/);
  });

  it('prints one JSON document', async () => {
    const { stdout } = await runFake(['explain', 'results', '--json', '--what-if']);
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({
      format: 1,
      blame: { lostMs: 600_000 },
      flushes: [{ number: 1, waterfall: { durationMs: 300_000 } }, { number: 2 }],
      whatIf: { tried: [{ effect: 'saves' }, { effect: 'does not save' }] },
    });
  });
});

describe('explain --what-if', () => {
  it('names the setting that would have saved it, with the runs that prove it', async () => {
    const { exitCode, stdout } = await runFake(['explain', 'results', '--what-if']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^\(as it was\) +fail +2 +0/m);
    expect(stdout).toMatch(/^ingester\.flush_op_timeout +5m +10m +pass \(3 runs\) +0 +0 +yes/m);
    expect(stdout).toMatch(/^ingester\.max_block_bytes +524288000 +262144000 +fail +2 +0 +no/m);
    expect(stdout.replaceAll('\n', ' ')).toContain(
      'ingester.flush_op_timeout: 10m would have saved it (it was 5m): so it did in 3 runs of the same seed.',
    );
  });

  it('says so when none does, and whose doing it is', async () => {
    const [, none] = exampleWhatIf().tried;
    const { exitCode, stdout } = await runFake(['explain', 'results', '--what-if'], {
      whatIf: async () => exampleWhatIf({ tried: none ? [none] : [] }),
    });
    expect(exitCode).toBe(1);
    expect(stdout.replaceAll('\n', ' ')).toContain(
      'None of the settings that were tried would have saved it. The lost time is due to the network 90 % (bandwidth), S3 10 % (slow answers). That is an outage beyond any of these settings.',
    );
  });

  it('proves nothing by a run that does not fail again', async () => {
    const { exitCode, stdout } = await runFake(['explain', 'results', '--what-if'], {
      whatIf: async () => exampleWhatIf({ again: exampleOutcome(), tried: [] }),
    });
    expect(exitCode).toBe(2);
    expect(stdout).toContain('As it was, the run did not fail again');
  });

  it('runs nothing of a run that was inconclusive, and does not say that its budgets were kept', async () => {
    const { exitCode, stdout } = await runFake(['explain', 'results', '--what-if'], {
      explain: async () =>
        exampleExplained({ result: exampleResult({ verdict: 'inconclusive', deadlineExceeded: 2 }) }),
      whatIf: async () => {
        throw new Error('nothing is to be run');
      },
    });
    expect(exitCode).toBe(2);
    expect(stdout.replaceAll('\n', ' ')).toContain(
      'The run was inconclusive, so that no setting can be tried on it: have it judged first, by running it again: npx tempo-s3-chaos run',
    );
    expect(stdout).not.toContain('every budget was kept');
  });

  it('runs nothing when there is nothing to save', async () => {
    let asked = 0;
    const { exitCode, stdout } = await runFake(['explain', 'results', '--what-if'], {
      explain: async () => healthy,
      whatIf: async () => {
        asked++;
        return exampleWhatIf();
      },
    });
    expect({ exitCode, asked }).toEqual({ exitCode: 0, asked: 0 });
    expect(stdout).toContain('There is nothing to save');
  });
});
