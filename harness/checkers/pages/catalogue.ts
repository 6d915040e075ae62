/** The page of every checker, by the checker's name. A new checker has one more file beside this, and a line here. */
import { amplificationPage } from './amplification.ts';
import { atomicityPage } from './atomicity.ts';
import { backlogPage } from './backlog.ts';
import { compactionPage } from './compaction.ts';
import { conservationPage } from './conservation.ts';
import { deadlineExceededPage } from './deadline-exceeded.ts';
import { durabilityPage } from './durability.ts';
import { faultFiredPage } from './fault-fired.ts';
import { harnessOnTimePage } from './harness-on-time.ts';
import { historyWholePage } from './history-whole.ts';
import { liveTracesPage } from './live-traces.ts';
import { noPhantomsPage } from './no-phantoms.ts';
import { orphansPage } from './orphans.ts';
import type { CheckerPage } from './page.ts';
import { pathHealedPage } from './path-healed.ts';
import { recoveredWithinPage } from './recovered-within.ts';
import { retryStormPage } from './retry-storm.ts';
import { steadyStatePage } from './steady-state.ts';
import { steadyStateRegainedPage } from './steady-state-regained.ts';
import { successRatePage } from './success-rate.ts';
import { visibilityGapPage } from './visibility-gap.ts';
import { visibleWithinPage } from './visible-within.ts';

export const checkerPages: Readonly<Record<string, CheckerPage>> = {
  amplification: amplificationPage,
  'retry-storm': retryStormPage,
  'steady-state-regained': steadyStateRegainedPage,
  atomicity: atomicityPage,
  backlog: backlogPage,
  compaction: compactionPage,
  conservation: conservationPage,
  'deadline-exceeded': deadlineExceededPage,
  durability: durabilityPage,
  'fault-fired': faultFiredPage,
  'harness-on-time': harnessOnTimePage,
  'history-whole': historyWholePage,
  'live-traces': liveTracesPage,
  'no-phantoms': noPhantomsPage,
  orphans: orphansPage,
  'path-healed': pathHealedPage,
  'recovered-within': recoveredWithinPage,
  'steady-state': steadyStatePage,
  'success-rate': successRatePage,
  'visibility-gap': visibilityGapPage,
  'visible-within': visibleWithinPage,
};
