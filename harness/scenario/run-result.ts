/** What a run found: what `run --json` prints, what verdict.json holds, and what every report is made of. */
import type { Finding, Verdict } from '../checkers/checker.ts';
import type { Blame } from '../verdict/attribution/blame.ts';

/** One scenario through one client. Times are in milliseconds of the config's time (compression undone), unless said otherwise. */
export interface ScenarioResult {
  name: string;
  about: string;
  client: string;
  seed: number;
  verdict: Verdict;
  /** What the scenario expected, and whether exactly that happened. Inconclusive is never as expected. */
  expected: { verdict: 'pass' | 'fail'; cause?: string };
  asExpected: boolean;
  findings: Finding[];
  faults: { id: string; name: string; fired: number; unit: string }[];
  blocks: { cut: number; flushed: number; readBack: number; lost: number };
  requests: { needed: number; sent: number; retries: number };
  recovery: { ms: number | null; budgetMs: number | null };
  deadlineExceeded: number;
  /** Who is to blame for what the flushes lost that failed or were slow. */
  blame: Blame;
  /** Trace data of all writers, in bytes of the config (compression undone). `peakBacklog`: the most on one disk that was not in S3. */
  data: { pushed: number; refused: number; liveLost: number; peakBacklog: number };
  /** PUT as the client saw it, answered ok: milliseconds as they passed (compressed). `null` when there was none. */
  latency: { p50: number | null; p99: number | null };
  compression: { time: number; bytes: number };
  /** Two or three sentences, when it is not a plain pass; of a pass, what is worth telling all the same, which may be nothing. */
  explanation: string;
  /** Runs this one alone, with the same seed. */
  command: string;
  /** Where its history is, relative to the run's folder. */
  folder: string;
  /** Milliseconds that it took, as they passed. */
  tookMs: number;
  /** The tries before this one, each of which proved nothing, in their order. Absent: it was the first. */
  earlierTries?: EarlierTry[];
}

/** A try that proved nothing, so that the scenario was run again. */
export interface EarlierTry {
  verdict: Verdict;
  /** The first sentence of its explanation: why it proved nothing. */
  explanation: string;
  /** Where its history is, relative to the run's folder. */
  folder: string;
}

export interface RunResult {
  format: 1;
  tool: string;
  /** The verdict for the whole: pass when every scenario is as expected, else the worst of those that are not. */
  verdict: Verdict;
  exitCode: 0 | 1 | 2;
  environment: string;
  config: string;
  /** The overrides given with --set. */
  set: string[];
  startedAt: string;
  tookMs: number;
  /** The folder of the results. */
  folder: string;
  scenarios: ScenarioResult[];
}

/** One scenario through one client, under way. */
export interface ScenarioUnderWay {
  name: string;
  client: string;
  /** From 2 on; absent: it is the first. */
  tryNumber?: number;
}

/** Told what happens while it runs. Every method is about one scenario through one client. */
export interface RunObserver {
  /** Something of the config is valid, but not what it seems. */
  warning(line: string): void;
  /** Environment and preparation, one line; the last one is the current one. */
  preparing(line: string): void;
  /** The environment is up: the first line of output. */
  environmentUp(line: string): void;
  scenarioStarted(scenario: ScenarioUnderWay): void;
  /** A word or two on what it is doing: `steady state`, `latency (1 of 2)`, `drain: 3 of 8 blocks flushed`. */
  scenarioProgress(scenario: ScenarioUnderWay, doing: string): void;
  /** Of each try, as it ends. */
  scenarioFinished(result: ScenarioResult): void;
}
