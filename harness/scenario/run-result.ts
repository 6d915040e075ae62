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

/** Told what happens while it runs. Every method is about one scenario through one client. */
export interface RunObserver {
  /** Something of the config is valid, but not what it seems. */
  warning(line: string): void;
  /** Environment and preparation, one line; the last one is the current one. */
  preparing(line: string): void;
  /** The environment is up: the first line of output. */
  environmentUp(line: string): void;
  scenarioStarted(scenario: { name: string; client: string }): void;
  /** A word or two on what it is doing: `steady state`, `latency (1 of 2)`, `drain: 3 of 8 blocks flushed`. */
  scenarioProgress(scenario: { name: string; client: string }, doing: string): void;
  scenarioFinished(result: ScenarioResult): void;
}
