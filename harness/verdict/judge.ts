/**
 * From a history to a judgement, in one pass: what is judged is known from the history's own scenario, so a verdict can be
 * computed again from the file alone.
 */
import { Audience } from '../checkers/audience.ts';
import { type BlockCounts, BlockTally } from '../checkers/block-tally.ts';
import { checkers } from '../checkers/catalogue.ts';
import type { CheckContext, Finding, Verdict } from '../checkers/checker.ts';
import { configTime } from '../checkers/config-time.ts';
import { DataLedger } from '../checkers/data-ledger.ts';
import { LatenessWatch } from '../checkers/lateness-watch.ts';
import { valueAt } from '../checkers/recorded-settings.ts';
import { RecoveryWatch } from '../checkers/recovery-time.ts';
import { type RequestCounts, RequestTally } from '../checkers/request-tally.ts';
import type { EffectChecks } from '../faults/effect.ts';
import type { HistoryEvent, ScenarioEvent } from '../history/events.ts';
import { USUAL_VERSION } from '../tempo/defaults.ts';
import { type TempoVersion, tempoVersions } from '../tempo/settings.ts';
import { Attribution } from './attribution/attribution.ts';
import type { Blame } from './attribution/blame.ts';
import { excuseLateness } from './excuse-lateness.ts';
import { isAsExpected } from './expectation.ts';
import { expectationsOf } from './expectations-of.ts';
import { explain } from './explanation.ts';
import { Losses } from './losses.ts';
import { PutLatency } from './put-latency.ts';
import { Trouble } from './trouble.ts';
import { verdictOf } from './verdict.ts';

export interface JudgedFault {
  id: string;
  name: string;
  fired: number;
  /** What `fired` counts. */
  unit: string;
}

export interface Judgement {
  verdict: Verdict;
  asExpected: boolean;
  findings: Finding[];
  blocks: BlockCounts;
  requests: RequestCounts;
  /** Milliseconds of the config's time. `ms` is null when the writer did not recover; 0 without a fault. */
  recovery: { ms: number | null; budgetMs: number | null };
  /** PUT as the client saw it, answered ok: milliseconds as they passed (compressed). */
  latency: { p50: number | null; p99: number | null };
  faults: JudgedFault[];
  data: DataFigures;
  /** Flushes that ran into flush_op_timeout. */
  deadlineExceeded: number;
  /** Who is to blame for what the flushes lost that failed or were slow. */
  blame: Blame;
  /** Two or three sentences; empty for a pass. */
  explanation: string;
  /** Of the harness, while the writer worked, as it passed. */
  longestLatenessMs: number;
}

/** Trace data of all writers, in bytes of the config (compression undone). */
export interface DataFigures {
  /** Acknowledged, and refused by a limit. */
  pushed: number;
  refused: number;
  /** Acknowledged, and gone with a process before it was in the WAL. */
  liveLost: number;
  /** The most that one writer's local disk held at any time and that was not in S3: the WAL, and local blocks. */
  peakBacklog: number;
}

export interface JudgeOptions {
  /** How each fault is seen in a history, by its name; from the catalogue of faults. */
  effects: EffectChecks;
}

/**
 * Judges a history, in the order of time.
 * @throws Error when no scenario is in it, or one whose expectations cannot be read: nothing says then what is to be judged.
 */
export function judge(
  events: Iterable<HistoryEvent> | AsyncIterable<HistoryEvent>,
  options: JudgeOptions,
): Promise<Judgement> {
  return judgeInPieces(Symbol.iterator in events ? [events] : oneByOne(events), options);
}

async function* oneByOne(events: AsyncIterable<HistoryEvent>): AsyncGenerator<[HistoryEvent]> {
  for await (const event of events) yield [event];
}

/** The same, of a history that comes some hundred events at a time: waiting for each of a million takes a while by itself. */
export async function judgeInPieces(
  pieces: Iterable<Iterable<HistoryEvent>> | AsyncIterable<Iterable<HistoryEvent>>,
  options: JudgeOptions,
): Promise<Judgement> {
  // Events in front of the scenario make the history a broken one, which history-whole will say.
  let early: HistoryEvent[] = [];
  let judging: Judging | undefined;
  for await (const events of pieces) {
    for (const event of events) {
      if (judging) {
        judging.see(event);
      } else {
        early.push(event);
        if (event.type !== 'scenario') continue;
        judging = new Judging(event, options);
        for (const first of early) judging.see(first);
        early = [];
      }
    }
  }
  if (!judging) {
    throw new Error(
      `judge: no scenario event among the ${early.length} events of the history: it is not whole, run the scenario again`,
    );
  }
  return judging.judgement();
}

class Judging {
  readonly #context: CheckContext;
  readonly #audience = new Audience();
  readonly #checkers;
  readonly #blocks = new BlockTally();
  readonly #requests = new RequestTally();
  readonly #recovery = new RecoveryWatch();
  readonly #latency = new PutLatency();
  readonly #lateness: LatenessWatch;
  readonly #version: TempoVersion;
  readonly #trouble: Trouble;
  readonly #losses: Losses;
  readonly #ledger = new DataLedger();
  readonly #attribution: Attribution;
  readonly #faults = new Map<string, JudgedFault>();
  #deadlineExceeded = 0;

  constructor(scenario: ScenarioEvent, { effects }: JudgeOptions) {
    this.#context = { expect: expectationsOf(scenario), compression: scenario.compression };
    this.#checkers = checkers(effects).map((checker) => ({ checker, running: checker.start(this.#context) }));
    this.#lateness = new LatenessWatch(this.#context);
    this.#version = versionOf(scenario.settings);
    this.#trouble = new Trouble(this.#context);
    this.#losses = new Losses(this.#context);
    this.#attribution = new Attribution(this.#context);
    this.#invite();
  }

  #invite(): void {
    const audience = this.#audience;
    for (const { checker, running } of this.#checkers) audience.add(running, checker.reads);
    audience.add(this.#blocks, BlockTally.reads);
    audience.add(this.#requests, RequestTally.reads);
    audience.add(this.#recovery, RecoveryWatch.reads);
    audience.add(this.#latency, PutLatency.reads);
    audience.add(this.#lateness, LatenessWatch.reads);
    audience.add(this.#trouble, Trouble.reads);
    audience.add(this.#losses, Losses.reads);
    audience.add(this.#ledger, DataLedger.reads);
    audience.add(this.#attribution, Attribution.reads);
  }

  see(event: HistoryEvent): void {
    this.#audience.show(event);
    switch (event.type) {
      case 'flush.end':
        if (event.deadlineExceeded) this.#deadlineExceeded++;
        break;
      case 'fault.start':
        this.#faults.set(event.id, { id: event.id, name: event.fault, fired: 0, unit: 'times' });
        break;
      case 'fault.end':
        this.#faults.set(event.id, { id: event.id, name: event.fault, fired: event.fired ?? 0, unit: event.unit });
        break;
    }
  }

  judgement(): Judgement {
    const { expect, compression } = this.#context;
    const kinds = new Map(this.#checkers.map(({ checker }) => [checker.name, checker.kind]));
    // A checker names itself in its findings; one that did not would be taken for the strictest kind.
    const kindOf = (checker: string) => kinds.get(checker) ?? 'safety';
    const found = this.#checkers.flatMap(({ running }) => running.findings());
    // What could not be counted where it acted was counted by its effect.
    for (const { fault } of found) {
      const judged = fault && this.#faults.get(fault.id);
      if (judged) judged.fired = fault.fired;
    }
    const findings = excuseLateness(found, this.#lateness, kindOf);
    const verdict = verdictOf(findings, kindOf);
    const { ms } = this.#recovery.recovery();
    return {
      verdict,
      asExpected: isAsExpected(verdict, findings, expect, kindOf),
      findings,
      blocks: this.#blocks.counts(),
      requests: this.#requests.counts(),
      recovery: {
        ms: ms === undefined ? null : configTime(ms, compression),
        budgetMs: expect.recoveredWithin ?? null,
      },
      latency: this.#latency.percentiles(),
      faults: [...this.#faults.values()],
      data: this.#data(),
      deadlineExceeded: this.#deadlineExceeded,
      blame: this.#attribution.blame(),
      explanation: explain(verdict, findings, {
        trouble: this.#trouble,
        losses: this.#losses,
        attribution: this.#attribution,
        compression,
        version: this.#version,
      }),
      longestLatenessMs: this.#lateness.longestMs,
    };
  }

  #data(): DataFigures {
    const { acknowledged, refused, liveLost } = this.#ledger.total();
    const { bytes } = this.#context.compression;
    return {
      pushed: acknowledged * bytes,
      refused: refused * bytes,
      liveLost: liveLost * bytes,
      peakBacklog: this.#losses.peakBacklog * bytes,
    };
  }
}

function versionOf(settings: unknown): TempoVersion {
  const version = valueAt(settings, 'version');
  return tempoVersions.find((known) => known === version) ?? USUAL_VERSION;
}
