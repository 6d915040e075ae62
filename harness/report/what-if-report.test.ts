import { describe, expect, it } from 'vitest';
import { exampleBlame, exampleOutcome, exampleWhatIf } from '../what-if/example-explained.ts';
import { conclusion } from './what-if-report.ts';

const about = { blame: exampleBlame, compression: { bytes: 25 } };
const [saves, fails] = exampleWhatIf().tried as [
  ReturnType<typeof exampleWhatIf>['tried'][0],
  ReturnType<typeof exampleWhatIf>['tried'][0],
];

describe('what follows from the settings that were tried', () => {
  it('is each that saved, in the order in which they were tried', () => {
    const partSize = { ...saves, candidate: { ...saves.candidate, setting: 'storage.trace.s3.part_size' } };
    const said = conclusion({ ...exampleWhatIf({ tried: [saves, fails, partSize] }), ...about });
    expect(said).toEqual([
      expect.stringMatching(/^ingester\.flush_op_timeout: 10m would have saved it/),
      expect.stringMatching(/^storage\.trace\.s3\.part_size: 10m would have saved it/),
      expect.stringContaining('Parts are not compressed as blocks are'),
    ]);
  });

  it('says which of them no key of Tempo sets', () => {
    const of = (setting: string) => ({ ...saves, candidate: { ...saves.candidate, setting } });
    const tried = [of('policy.attempts'), of('ingester.flush_op_timeout'), of('policy.maxConnections')];
    const said = conclusion({ ...exampleWhatIf({ tried }), ...about });
    expect(said.slice(3)).toEqual([
      "Tempo's config has no key for policy.attempts before 3.0, where it is storage.trace.s3.retry_max_attempts: here --set sets it.",
      "Tempo's config has no key for policy.maxConnections: here --set sets it.",
    ]);
  });

  it('is no promise when one could not be told', () => {
    const unknown = { ...saves, effect: 'inconclusive' as const };
    const [said] = conclusion({ ...exampleWhatIf({ tried: [unknown, fails] }), ...about });
    expect(said).toContain('ingester.flush_op_timeout cannot be told: the run was inconclusive');
    expect(said).not.toContain('outage beyond');
  });

  it('names an outage only where the network or S3 is to blame', () => {
    const blame = { ...exampleBlame, causes: [{ side: 'machine' as const, cause: 'disk' as const, share: 1, ms: 1 }] };
    const [said] = conclusion({ ...exampleWhatIf({ tried: [fails] }), ...about, blame });
    expect(said).toBe(
      "None of the settings that were tried would have saved it. The lost time is due to the writer's machine 100 % (its disk).",
    );
  });

  it('is nothing when the run again was inconclusive', () => {
    const again = exampleOutcome({ verdict: 'inconclusive', explanation: 'The harness was late.' });
    expect(conclusion({ ...exampleWhatIf({ again, tried: [] }), ...about })).toEqual([
      'As it was, the run was inconclusive: The harness was late. No setting was tried.',
    ]);
  });
});
