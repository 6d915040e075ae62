/** What an exploration found: what `explore --json` prints, what explore.json holds, and what its report is made of. */
import type { Verdict } from '../checkers/checker.ts';
import type { RunObserver, RunResult } from '../scenario/run-result.ts';
import type { LeftOut } from './repertoire.ts';

/** One timeline through one client. */
export interface ExploredTimeline {
  /** From 1. */
  number: number;
  name: string;
  client: string;
  verdict: Verdict;
  /** `s3-error for 40s, latency for 1m`. */
  faults: string;
  /** How long something was wrong without a break, at most: milliseconds of the config's time. */
  outageMs: number;
  /** Of a fail: the checker that failed it. Of a run without a verdict: why. */
  cause?: string;
  reason?: string;
  /** It was inconclusive at first, and run once more. */
  again?: true;
}

/** How often a fault was drawn, and acted. */
export interface FaultCoverage {
  fault: string;
  /** Entries of timelines, each counted for each client. */
  drawn: number;
  /** Of those, the ones that acted. */
  acted: number;
  /** How many times, in all. */
  fired: number;
  /** What `fired` counts. Absent: it never acted. */
  unit?: string;
}

export interface ExploreFinding {
  name: string;
  client: string;
  /** The timeline that it was found with, from 1. */
  number: number;
  /** The checker. */
  cause: string;
  /** As it was drawn, and as small as it was made: `s3-error for 40s`. */
  drawn: string;
  smallest: string;
  /** Of the smallest timeline. */
  explanation: string;
  /** Runs of the smallest timeline that failed in the same way. */
  confirmed: { times: number; of: number };
  /** Runs that went into making it smaller; and whether more might have made it smaller still. */
  shrinking: { runs: number; stopped: boolean };
  /** The written scenario. */
  file: string;
  /** Runs it again. */
  command: string;
  /** Where the histories of the confirming runs are, relative to the run's folder. */
  evidence: string[];
  /** Other failures by the same checker, of timelines that hold all of these faults: taken to be the same. */
  alike: string[];
}

export interface ExploreResult
  extends Pick<
    RunResult,
    'format' | 'tool' | 'exitCode' | 'environment' | 'config' | 'set' | 'startedAt' | 'tookMs' | 'folder'
  > {
  /** fail: something was found. pass: nothing, in at least one timeline that was judged. */
  verdict: Verdict;
  seed: number;
  runs: number;
  intensity: string;
  clients: string[];
  timelines: ExploredTimeline[];
  coverage: FaultCoverage[];
  leftOut: LeftOut[];
  /** Timelines through clients whose budgets in time were judged too; of the others only that nothing was lost, and recovery. */
  judged: { visibleWithin: number; deadlineExceeded: number };
  findings: ExploreFinding[];
  /** Failures that were not made smaller, as there were too many: `explored-7-31 (minio): durability`. */
  notShrunk: string[];
  /** Runs, by what they were for. */
  spent: { timelines: number; again: number; shrinking: number; confirming: number };
}

/** What was done when it was told to stop. */
export interface SoFar {
  done: number;
  of: number;
  passed: number;
  inconclusive: number;
  /** `explored-7-12 (minio): durability`. */
  failed: string[];
  /** Files that were written. */
  written: string[];
}

export interface ExploreObserver extends RunObserver {
  /** A line that stays: which finding is being made smaller. */
  phase(line: string): void;
  /** After each run. */
  progressed(soFar: SoFar): void;
}
