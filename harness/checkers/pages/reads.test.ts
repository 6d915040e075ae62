import { describe, expect, it } from 'vitest';
import type { EffectContext } from '../../faults/effect.ts';
import type { HistoryEvent, ScenarioEvent } from '../../history/events.ts';
import { eventSchemas } from '../../history/schema.ts';
import { Losses } from '../../verdict/losses.ts';
import { PutLatency } from '../../verdict/put-latency.ts';
import { Trouble } from '../../verdict/trouble.ts';
import type { Reads, Watcher } from '../audience.ts';
import { checkers } from '../catalogue.ts';
import type { CheckContext } from '../checker.ts';
import { checkerPages } from './catalogue.ts';

const types = Object.keys(eventSchemas) as HistoryEvent['type'][];
const whole = Object.values(checkerPages).map(({ example }) => example.history);
/** Of runs, too, that ended before anything was flushed: until when the writers were watched is then told by the last event. */
const histories = whole.flatMap((history) => [
  history,
  history.filter(({ type }) => !type.startsWith('final.') && type !== 'phase' && type !== 'flush.end'),
]);
const LATER_MS = 1_000_000_000;
/** Of each fault, an effect that tells all that was kept for it. */
const effects = Object.fromEntries(
  histories
    .flat()
    .filter((event) => event.type === 'fault.start')
    .map(({ fault }) => [
      fault,
      ({ attempts, edges, events, before }: EffectContext) => ({
        seen: true,
        message: JSON.stringify([attempts, [...edges], events, before]),
      }),
    ]),
);
const doesRead = (reads: Reads, type: HistoryEvent['type']) => reads === 'every event' || reads.includes(type);

/** Of each type that is not read, an event that has nothing in it: who looks for something in it is found out. */
function unread(reads: Reads, t: number): HistoryEvent[] {
  return types.filter((type) => !doesRead(reads, type)).map((type) => ({ t, type }) as HistoryEvent);
}

function expectNoDifference(reads: Reads, resultOf: (context: CheckContext) => Watcher & { result(): unknown }): void {
  for (const history of histories) {
    const [first, ...rest] = history as [ScenarioEvent, ...HistoryEvent[]];
    const { expect: expected } = first.scenario as Pick<CheckContext, 'expect'>;
    const seenBy = (events: readonly HistoryEvent[]) => {
      const watcher = resultOf({ expect: expected, compression: first.compression });
      for (const event of events) watcher.see(event);
      return watcher.result();
    };
    const more = [...history, ...unread(reads, (rest.at(-1)?.t ?? first.t) + LATER_MS)];
    expect(seenBy(more)).toEqual(seenBy(history.filter(({ type }) => doesRead(reads, type))));
  }
}

describe.each(checkers(effects).map((checker) => [checker.name, checker] as const))('%s', (name, checker) => {
  it('finds the same when it is shown what it does not read, and when it is not', () => {
    expectNoDifference(checker.reads, (context) => {
      const running = checker.start(context);
      return { see: (event) => running.see(event), result: () => running.findings() };
    });
  });

  it('reads what its page says', () => {
    const { 'every event': every, ...told } = checkerPages[name]?.reads ?? {};
    if (every !== undefined) expect(checker.reads).toBe('every event');
    for (const type of Object.keys(told) as HistoryEvent['type'][])
      expect([type, doesRead(checker.reads, type)]).toEqual([type, true]);
  });
});

describe('what a judgement is made of beside findings is the same with and without what is not read:', () => {
  it('trouble', () => {
    expectNoDifference(Trouble.reads, (context) => {
      const trouble = new Trouble(context);
      return { see: (event) => trouble.see(event), result: () => trouble.record() };
    });
  });

  it('losses', () => {
    const blocks = new Set(histories.flat().flatMap((event) => ('block' in event && event.block ? [event.block] : [])));
    expectNoDifference(Losses.reads, (context) => {
      const losses = new Losses(context);
      return { see: (event) => losses.see(event), result: () => [losses.peakBacklog, losses.of(blocks)] };
    });
  });

  it('the latency of PUTs', () => {
    expectNoDifference(PutLatency.reads, () => {
      const latency = new PutLatency();
      return { see: (event) => latency.see(event), result: () => latency.percentiles() };
    });
  });
});
