/**
 * A fault that never took effect proves nothing, and would pass every other check.
 *
 * 1. Each entry of the timeline has to have been injected, and ended.
 * 2. A heal that failed is a fail: what runs next may meet the fault again.
 * 3. It has to have acted (`fired`), as counted where it acts.
 * 4. And its effect has to be in the history, as the fault's own check says.
 * 5. With a probability, it has to have acted on what the seed draws.
 */
import { type EffectChecks, effectEvents, keptForEffect } from '../faults/effect.ts';
import type { AttemptEvent, EdgeEvent, HistoryEvent } from '../history/events.ts';
import type { CheckContext, Checker, Finding, RunningChecker } from './checker.ts';
import { counted } from './counted.ts';
import { FaultWindow } from './fault-window.ts';
import { SeededDecisions } from './seeded-decisions.ts';

const name = 'fault-fired';

/** Events of before a fault's start that are looked through for what it did already: a second and more of a busy fleet. */
const KEPT_BEFORE = 5_000;

/** `effects`: the catalogue's checks by the fault's name. */
export function faultFired(effects: EffectChecks): Checker {
  return {
    name,
    invariant: 'Every fault of the timeline was injected, took effect, and was healed.',
    kind: 'validity',
    reads: ['scenario', 'phase', 'fault.start', 'fault.end', 'attempt', 'edge', ...effectEvents],
    start: (context) => new FaultFired(context, effects),
  };
}

class FaultFired implements RunningChecker {
  readonly #compression: CheckContext['compression'];
  readonly #effects: EffectChecks;
  readonly #windows = new Map<string, FaultWindow>();
  readonly #before: AttemptEvent[] = [];
  readonly #edgesBefore = new Map<string, EdgeEvent>();
  /** The last `KEPT_BEFORE` and up to as many more: what a fault did while it was being injected comes before its start. */
  #recent: HistoryEvent[] = [];
  #planned: number | undefined;
  #decisions: SeededDecisions | undefined;
  #zero = 0;

  constructor({ compression }: CheckContext, effects: EffectChecks) {
    this.#compression = compression;
    this.#effects = effects;
  }

  see(event: HistoryEvent): void {
    if (event.type === 'phase' && event.phase === 'timeline') this.#zero = event.t;
    if (event.type === 'scenario') {
      this.#planned = plannedFaults(event.scenario);
      this.#decisions = new SeededDecisions(event.seed);
    }
    if (event.type === 'edge' && event.judged) this.#decisions?.see(event);
    if (event.type === 'fault.start') this.#decisions?.started(event);
    if (event.type === 'attempt' && this.#windows.size === 0 && this.#before.length < keptForEffect) {
      this.#before.push(event);
    }
    if (event.type === 'edge' && event.id !== undefined && this.#windows.size === 0) {
      if (this.#edgesBefore.size < keptForEffect) this.#edgesBefore.set(event.id, event);
    }
    if (event.type === 'fault.start') {
      const window = new FaultWindow(event, Object.hasOwn(this.#effects, event.fault));
      window.recall(this.#recent);
      this.#windows.set(event.id, window);
      if (this.#allStarted) this.#recent = [];
      return;
    }
    // Of a large run most events come after the last start: what is kept of a million for a while costs a tenth of judging them.
    if (!this.#allStarted) this.#recent.push(event);
    if (this.#recent.length === 2 * KEPT_BEFORE) this.#recent = this.#recent.slice(KEPT_BEFORE);
    for (const window of this.#windows.values()) window.see(event);
  }

  get #allStarted(): boolean {
    return this.#planned !== undefined && this.#windows.size >= this.#planned;
  }

  findings(): Finding[] {
    const findings = [...this.#windows.values()].flatMap((window) => this.#judge(window));
    const injected = this.#windows.size;
    if (this.#planned !== undefined && injected < this.#planned) {
      const message = `the timeline has ${counted(this.#planned, 'fault')}, and ${injected} ${injected === 1 ? 'was' : 'were'} injected: the run ended before`;
      findings.push({ checker: name, verdict: 'inconclusive', message });
    }
    return findings.length > 0
      ? findings
      : [{ checker: name, verdict: 'pass', message: 'the timeline has no fault: none had to fire' }];
  }

  /** What it came to beyond what was asked for is a finding of its own. */
  #judge(window: FaultWindow): Finding[] {
    const { start, end, actedFrom, attempts, edges, connections, events } = window;
    const fault = `fault ${start.id}`;
    let fired = end?.fired ?? 0;
    const finding = (verdict: Finding['verdict'], message: string, note?: string): Finding[] => [
      { checker: name, verdict, message, fault: { id: start.id, fired } },
      ...(note === undefined ? [] : [{ checker: name, verdict, message: note, note: true as const }]),
    ];
    if (!end)
      return finding('inconclusive', `${fault} was injected, and its end is not in the history: the run was cut short`);
    if (!end.healed) return finding('fail', `${fault} could not be healed: ${end.error ?? 'no reason was recorded'}`);

    const check = Object.hasOwn(this.#effects, start.fault) ? this.#effects[start.fault] : undefined;
    const effect = check?.({
      fault: start,
      end,
      actedFrom,
      attempts,
      edges: new Map([...this.#edgesBefore, ...edges]),
      connections,
      events,
      before: this.#before,
      compression: this.#compression,
      zero: this.#zero,
    });
    fired = end.fired ?? effect?.acted ?? 0;
    if (end.error !== undefined) return finding('inconclusive', `${fault} never took effect: ${end.error}`);
    if (fired === 0) {
      return finding(
        'inconclusive',
        `${fault} never took effect (0 ${end.unit}): ${effect?.message ?? whatPassed(window)}`,
      );
    }
    const acted = `${fault} acted on ${amount(fired, end.unit)}`;
    const strayed = this.#decisions?.strayed(start.id);
    if (strayed !== undefined) return finding('inconclusive', `${acted}, but ${strayed}`);
    if (!effect) return finding('pass', acted);
    return effect.seen
      ? finding('pass', `${acted}; ${effect.message}`, effect.note)
      : finding('inconclusive', `${acted}, but its effect was not seen: ${effect.message}`);
  }
}

/** What there was for a fault to act on, when nothing knows better. */
function whatPassed({ attempted, connections }: FaultWindow): string {
  if (attempted === 0) return 'no request was under way while it was active; it needs load';
  return `${counted(attempted, 'attempt')} passed while it was active, ${connections.opened} over a new connection and ${connections.pooled} over one that the pool had kept open`;
}

/** `unit` is a plural: `requests`. */
function amount(count: number, unit: string): string {
  return `${count} ${count === 1 ? unit.replace(/ies$/, 'y').replace(/s$/, '') : unit}`;
}

/** The entries of the timeline; `undefined` when the scenario is of a form that does not tell. */
function plannedFaults(scenario: unknown): number | undefined {
  const timeline = (scenario as { timeline?: unknown } | null | undefined)?.timeline;
  return Array.isArray(timeline) ? timeline.length : undefined;
}
