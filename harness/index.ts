/** The public API, and nothing else. */

export { checkers } from './checkers/catalogue.ts';
export type { Finding, Verdict } from './checkers/checker.ts';
export { diagnoseAll } from './environment/doctor.ts';
export { EnvironmentError } from './environment/environment.ts';
export { type ExploreOptions, explore } from './explore/explore.ts';
export type { ExploreObserver, ExploreResult } from './explore/explore-result.ts';
export { faults } from './faults/catalogue.ts';
export type { FaultDefinition } from './faults/fault.ts';
export type { HistoryEvent } from './history/events.ts';
export { HistoryError } from './history/history-error.ts';
export { readHistory } from './history/read-history.ts';
export { type ClientName, clientNames } from './object-store/clients.ts';
export { type Comparison, compareRuns } from './report/comparison.ts';
export { Harness, type HarnessRun } from './scenario/harness.ts';
export { ResultsError } from './scenario/results-folder.ts';
export { type RunOptions, run, runEach } from './scenario/run.ts';
export type { EarlierTry, RunObserver, RunResult, ScenarioResult, ScenarioUnderWay } from './scenario/run-result.ts';
export { type Scenario, type ScenarioInput, scenarioSchema } from './scenario/scenario.ts';
export { ScenarioError } from './scenario/scenario-error.ts';
export { findScenarios, groupedScenarios, type NamedScenario, shippedScenarios } from './scenario/shipped.ts';
export { checkSettings } from './tempo/check-settings.ts';
export { parseTempoConfig, readTempoConfig, type TempoConfig } from './tempo/config.ts';
export { ConfigError } from './tempo/config-error.ts';
export type { SettingNote } from './tempo/setting-note.ts';
export type { TempoSettings } from './tempo/settings.ts';
export { type Judgement, judge } from './verdict/judge.ts';
export { type JudgedHistory, judgeFile } from './verdict/judge-file.ts';
