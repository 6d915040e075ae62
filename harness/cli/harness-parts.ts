/** What the commands are commands of. The real one is in main.ts; each part is loaded when it is asked for. */

import type { NamedDiagnosis } from '../environment/doctor.ts';
import type { ExploreOptions } from '../explore/explore.ts';
import type { ExploreObserver, ExploreResult } from '../explore/explore-result.ts';
import type { FaultDefinition } from '../faults/fault.ts';
import type { Replay } from '../replay/replay.ts';
import type { RunOptions } from '../scenario/run.ts';
import type { RunObserver, RunResult } from '../scenario/run-result.ts';
import type { NamedScenario } from '../scenario/shipped.ts';
import type { ReadOptions, TempoConfig } from '../tempo/config.ts';
import type { SettingNote } from '../tempo/setting-note.ts';
import type { TempoSettings } from '../tempo/settings.ts';
import type { UpObserver, UpOptions } from '../up/bring-up.ts';
import type { UpConnection } from '../up/up-client.ts';
import type { ExplainedRun } from '../what-if/explain-run.ts';
import type { RanWhatIf, WhatIfOptions } from '../what-if/run-what-if.ts';

export interface HarnessParts {
  /** Several runs, one after another, on one environment. */
  runEach(all: readonly RunOptions[], observer: RunObserver, signal: AbortSignal): Promise<RunResult[]>;
  explore(options: ExploreOptions, observer: ExploreObserver, signal: AbortSignal): Promise<ExploreResult>;
  /** The verdict of a run again, from its folder. */
  replay(folder: string): Promise<Replay>;
  /** The gravest scenario of a run, from its folder. */
  explain(folder: string): Promise<ExplainedRun>;
  /** The same again with one setting changed at a time. */
  whatIf(
    explained: ExplainedRun,
    options: WhatIfOptions,
    observer: RunObserver,
    signal: AbortSignal,
  ): Promise<RanWhatIf>;
  /** Those of groups too. */
  shippedScenarios(): Promise<NamedScenario[]>;
  faults(): Promise<readonly FaultDefinition[]>;
  /** Brings a path up, until the signal is given. */
  bringUp(options: UpOptions, observer: UpObserver, signal: AbortSignal): Promise<{ died?: string }>;
  /** To the one of this id, or to the only one. */
  connectUp(id?: string): Promise<UpConnection>;
  /** Finds every problem of a request, before anybody is asked. */
  readInjectRequest(request: unknown): Promise<unknown>;
  readTempoConfig(file: string, options: ReadOptions): Promise<TempoConfig>;
  checkSettings(settings: TempoSettings): Promise<SettingNote[]>;
  diagnoseAll(): Promise<NamedDiagnosis[]>;
}
