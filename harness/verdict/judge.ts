/**
 * From a history to a judgement, in one pass: what is judged is known from the history's own scenario, so a verdict can be
 * computed again from the file alone.
 */
import { Audience } from '../checkers/audience.ts';
import type { BlockCounts } from '../checkers/block-tally.ts';
import { checkers, checkersOfSecondShare } from '../checkers/catalogue.ts';
import type { CheckContext, Checker, Finding, Verdict } from '../checkers/checker.ts';
import { configTime } from '../checkers/config-time.ts';
import type { DataAccount } from '../checkers/data-ledger.ts';
import { harnessOnTime } from '../checkers/harness-on-time.ts';
import { valueAt } from '../checkers/recorded-settings.ts';
import { recoveredWithin } from '../checkers/recovered-within.ts';
import type { RequestCounts } from '../checkers/request-tally.ts';
import type { EffectChecks } from '../faults/effect.ts';
import type { HistoryEvent, ScenarioEvent } from '../history/events.ts';
import { USUAL_VERSION } from '../tempo/defaults.ts';
import { type TempoVersion, tempoVersions } from '../tempo/settings.ts';
import { Attribution } from './attribution/attribution.ts';
import type { Blame } from './attribution/blame.ts';
import { excuseLateness } from './excuse-lateness.ts';
import { isAsExpected } from './expectation.ts';
import { contextOf } from './expectations-of.ts';
import { explain } from './explanation.ts';
import { KnownTrouble } from './known-trouble.ts';
import { Losses } from './losses.ts';
import { SecondShare, type SecondShareResults } from './second-share.ts';
import { showHistory } from './show-history.ts';
import { StartedCheckers } from './started-checkers.ts';
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
  const judging = await showHistory(pieces, (scenario) => Judging.whole(scenario, options));
  return judging.judgement();
}

/**
 * The same, of which the second share is found elsewhere, at the same time.
 * @throws Error what `judge` throws, and what `second` is rejected with.
 */
export async function judgeFirstShare(
  pieces: AsyncIterable<Iterable<HistoryEvent>>,
  second: Promise<SecondShareResults>,
  options: JudgeOptions,
): Promise<Judgement> {
  const judging = await showHistory(pieces, (scenario) => new Judging(scenario, options));
  return judging.judgement(await second);
}

class Judging {
  readonly #context: CheckContext;
  readonly #audience = new Audience();
  /** In the order of the catalogue, those of the second share too. */
  readonly #catalogue: readonly Checker[];
  readonly #checkers: StartedCheckers;
  /** Absent: it is found elsewhere. */
  readonly #second: SecondShare | undefined;
  readonly #version: TempoVersion;
  readonly #losses: Losses;
  readonly #attribution: Attribution;
  readonly #faults = new Map<string, JudgedFault>();
  #deadlineExceeded = 0;

  static whole(scenario: ScenarioEvent, options: JudgeOptions): Judging {
    return new Judging(scenario, options, new SecondShare(contextOf(scenario)));
  }

  constructor(scenario: ScenarioEvent, { effects }: JudgeOptions, second?: SecondShare) {
    this.#context = contextOf(scenario);
    this.#catalogue = checkers(effects);
    const own = this.#catalogue.filter((checker) => !checkersOfSecondShare.includes(checker));
    this.#checkers = new StartedCheckers(own, this.#context);
    this.#second = second;
    this.#version = versionOf(scenario.settings);
    this.#losses = new Losses(this.#context);
    this.#attribution = new Attribution(this.#context);
    this.#invite();
  }

  #invite(): void {
    const audience = this.#audience;
    this.#checkers.invite(audience);
    this.#second?.invite(audience);
    audience.add(this.#losses, Losses.reads);
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

  /** When all events were seen. `second`: of a history whose second share is found elsewhere. */
  judgement(second = this.#second?.results()): Judgement {
    if (!second) throw new Error('judge: the second share of this judgement is found elsewhere, and was not given');
    const { expect, compression } = this.#context;
    const kinds = new Map(this.#catalogue.map(({ name, kind }) => [name, kind]));
    // A checker names itself in its findings; one that did not would be taken for the strictest kind.
    const kindOf = (checker: string) => kinds.get(checker) ?? 'safety';
    const findingsOf = { ...this.#checkers.findings(), ...second.findings };
    const found = this.#catalogue.flatMap(({ name }) => {
      const own = findingsOf[name] ?? [];
      return own.length > 0 ? own : [silent(name)];
    });
    // What could not be counted where it acted was counted by its effect.
    for (const { fault } of found) {
      const judged = fault && this.#faults.get(fault.id);
      if (judged) judged.fired = fault.fired;
    }
    const { lateness } = this.#checkers.of(harnessOnTime);
    const findings = excuseLateness(found, lateness, kindOf);
    const verdict = verdictOf(findings, kindOf);
    const { ms } = this.#checkers.of(recoveredWithin).recovery.recovery();
    return {
      verdict,
      asExpected: isAsExpected(verdict, findings, expect, kindOf),
      findings,
      blocks: second.blocks,
      requests: second.requests,
      recovery: {
        ms: ms === undefined ? null : configTime(ms, compression),
        budgetMs: expect.recoveredWithin ?? null,
      },
      latency: second.latency,
      faults: [...this.#faults.values()],
      data: this.#data(second.data),
      deadlineExceeded: this.#deadlineExceeded,
      blame: this.#attribution.blame(),
      explanation: explain(verdict, findings, {
        trouble: new KnownTrouble(second.trouble),
        losses: this.#losses,
        attribution: this.#attribution,
        compression,
        version: this.#version,
      }),
      longestLatenessMs: lateness.longestMs,
    };
  }

  #data({ acknowledged, refused, liveLost }: DataAccount): DataFigures {
    const { bytes } = this.#context.compression;
    return {
      pushed: acknowledged * bytes,
      refused: refused * bytes,
      liveLost: liveLost * bytes,
      peakBacklog: this.#losses.peakBacklog * bytes,
    };
  }
}

/** Of a checker that was left out, or found nothing to say: without it a verdict would be one of fewer invariants. */
function silent(checker: string): Finding {
  const message = `${checker} was not asked, or said nothing: whether its invariant held is not known`;
  return { checker, verdict: 'inconclusive', message };
}

function versionOf(settings: unknown): TempoVersion {
  const version = valueAt(settings, 'version');
  return tempoVersions.find((known) => known === version) ?? USUAL_VERSION;
}
