import { describe, expect, it } from 'vitest';
import type { Blame, BlamedCause, Side } from '../../verdict/attribution/blame.ts';
import { planScenarios } from './planned.ts';
import { emptyConfusion, finerScore, type Judged, said, scoreOf } from './score.ts';
import type { Truth } from './truth.ts';

const [somePlan] = planScenarios(1).scenarios;

function blame(...causes: Pick<BlamedCause, 'side' | 'cause' | 'share'>[]): Blame {
  return { lostMs: 1000, flushes: 1, causes: causes.map((one) => ({ ...one, ms: one.share * 1000 })) };
}

function judged(truth: Truth, blamed: Blame): Judged {
  if (!somePlan) throw new Error('no plan');
  return { planned: { ...somePlan, sides: ['network'], called: ['dns'] }, truth, blame: blamed };
}

const mainly = (main: Side): Truth => ({ main, lostMs: { [main]: 1000 } });

describe('what the judge says', () => {
  it('is the side whose causes weigh most together, and its greatest cause', () => {
    const blamed = blame(
      { side: 's3', cause: 'throttled', share: 0.4 },
      { side: 'network', cause: 'dns', share: 0.35 },
      { side: 'network', cause: 'connect', share: 0.25 },
    );
    expect(said(blamed)).toEqual({ side: 'network', cause: 'dns', share: 0.6 });
  });

  it('is nobody when no time was lost', () => {
    expect(said(blame())).toEqual({ side: 'nobody', share: 0 });
  });
});

describe('the confusion matrix', () => {
  it('counts by the truth and by what was said, and leaves out what does not count', () => {
    const dns = blame({ side: 'network', cause: 'dns', share: 1 });
    const all = [
      judged(mainly('network'), dns),
      judged(mainly('network'), dns),
      judged(mainly('s3'), dns),
      judged(mainly('machine'), blame()),
      judged({ notCounted: 'next to nothing was lost', lostMs: {} }, dns),
    ];
    const expected = emptyConfusion();
    expected.network.network = 2;
    expected.s3.network = 1;
    expected.machine.nobody = 1;
    const { counted, right, confusion, misses } = scoreOf(all);
    expect({ counted, right }).toEqual({ counted: 4, right: 2 });
    expect(confusion).toEqual(expected);
    expect(misses).toEqual([all[2], all[3]]);
  });
});

describe('the finer cause', () => {
  it('counts where the side was right and is the one that was planted', () => {
    const dns = blame({ side: 'network', cause: 'dns', share: 1 });
    const connect = blame({ side: 'network', cause: 'connect', share: 1 });
    const all = [judged(mainly('network'), dns), judged(mainly('network'), connect), judged(mainly('s3'), dns)];
    expect(finerScore(all)).toEqual({ counted: 2, right: 1, misses: [all[1]] });
  });
});
