/** Every checker there is. A new one is a file beside this, and a line here. */
import type { EffectChecks } from '../faults/effect.ts';
import { amplification } from './amplification.ts';
import { atomicity } from './atomicity.ts';
import { backlog } from './backlog.ts';
import type { Checker } from './checker.ts';
import { compaction } from './compaction.ts';
import { conservation } from './conservation.ts';
import { deadlineExceeded } from './deadline-exceeded.ts';
import { durability } from './durability.ts';
import { faultFired } from './fault-fired.ts';
import { harnessOnTime } from './harness-on-time.ts';
import { historyWhole } from './history-whole.ts';
import { liveTraces } from './live-traces.ts';
import { noPhantoms } from './no-phantoms.ts';
import { orphans } from './orphans.ts';
import { pathHealed } from './path-healed.ts';
import { recoveredWithin } from './recovered-within.ts';
import { retryStorm } from './retry-storm.ts';
import { steadyState } from './steady-state.ts';
import { steadyStateRegained } from './steady-state-regained.ts';
import { successRate } from './success-rate.ts';
import { visibilityGap } from './visibility-gap.ts';
import { visibleWithin } from './visible-within.ts';

/**
 * In which of two threads it is found (verdict/second-share.ts). `first`: the rest of the judgement asks it for more than its findings, it
 * reads every event, or the other thread has enough to do.
 */
type Share = 'first' | 'second';

/** In the order in which findings are reported. */
function catalogue(effects: EffectChecks): readonly [checker: Checker, share: Share][] {
  return [
    [durability, 'second'],
    [conservation, 'second'],
    [liveTraces, 'second'],
    [atomicity, 'second'],
    [compaction, 'second'],
    [noPhantoms, 'second'],
    [deadlineExceeded, 'second'],
    [visibleWithin, 'first'],
    [visibilityGap, 'second'],
    [recoveredWithin, 'first'],
    [amplification, 'second'],
    [retryStorm, 'second'],
    [steadyStateRegained, 'second'],
    [successRate, 'second'],
    [backlog, 'second'],
    [orphans, 'second'],
    [faultFired(effects), 'first'],
    [pathHealed, 'first'],
    [steadyState, 'second'],
    [harnessOnTime, 'first'],
    [historyWhole, 'first'],
  ];
}

/** `effects`: how each fault of the catalogue is seen in a history. */
export function checkers(effects: EffectChecks): readonly Checker[] {
  return catalogue(effects).map(([checker]) => checker);
}

/** Those of them whose findings need nothing of the rest of a judgement. */
export const checkersOfSecondShare: readonly Checker[] = catalogue({})
  .filter(([, share]) => share === 'second')
  .map(([checker]) => checker);

/** What a scenario's `cause` may name. */
export const checkerNames: readonly string[] = checkers({}).map(({ name }) => name);
