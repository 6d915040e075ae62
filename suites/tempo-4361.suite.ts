/**
 * grafana/tempo#4361: a writer that logs `context deadline exceeded`, and nothing else, from each of the causes that the issue could not
 * tell apart. The log is the same each time; the evidence is not.
 */
import { describe, expect, it } from 'vitest';
import type { HistoryEvent, Phases } from '../harness/history/events.ts';
import { type ClientName, clientNames } from '../harness/object-store/clients.ts';
import { because, realHarness } from './real-harness.ts';

/** Where the time of the attempts went that the deadline struck, or that came before it in the same flush. */
interface Cause {
  scenario: string;
  /** Which phase took most of it. */
  phase: (phases: Phases) => number;
  /** In the explanation. */
  words: RegExp;
}

const causes: Cause[] = [
  {
    scenario: 'tempo-4361-network',
    phase: ({ send = 0, diskRead = 0 }) => send - diskRead,
    words: /The network is to blame for .*bandwidth.*The uplink does not carry a block/,
  },
  {
    scenario: 'tempo-4361-s3',
    phase: ({ wait = 0 }) => wait,
    words: /S3 is to blame for .*slow answers.*longer ingester\.flush_op_timeout/,
  },
  {
    scenario: 'tempo-4361-client',
    phase: ({ socket = 0 }) => socket,
    words: /The client's own settings are to blame for .*too few connections.*policy\.maxConnections/,
  },
  {
    scenario: 'tempo-4361-machine',
    phase: ({ diskRead = 0 }) => diskRead,
    words: /The writer's machine is to blame for .*its disk.*The local disk does not give a block/,
  },
];

/** In the flushes that ran into their deadline, attempts of which only their own cause's phase may be the longest. */
function attemptsOfLateFlushes(history: HistoryEvent[]): Phases[] {
  const late = history.flatMap((event) =>
    event.type === 'flush.end' && event.deadlineExceeded ? [{ block: event.block, t: event.t }] : [],
  );
  return history.flatMap((event) => {
    if (event.type !== 'attempt') return [];
    const block = event.key.split('/').at(-2);
    return late.some((one) => one.block === block && event.t <= one.t + 50) ? [event.phases] : [];
  });
}

describe('context deadline exceeded', () => {
  const real = realHarness();

  const comesFrom = async ({ scenario, phase, words }: Cause, client: ClientName) => {
    const result = await real.runNamed(scenario, client);
    expect(result.asExpected, because(result)).toBe(true);
    const history = await real.history(result);
    const logged = history.flatMap((event) =>
      event.type === 'flush.end' && event.deadlineExceeded ? (event.error ?? '') : [],
    );
    expect(logged.length).toBeGreaterThan(0);
    for (const line of logged) expect(line).toMatch(/context deadline exceeded$/);
    expect(result.explanation).toMatch(words);

    const attempts = attemptsOfLateFlushes(history);
    const spent = (of: (phases: Phases) => number) => attempts.reduce((sum, phases) => sum + of(phases), 0);
    for (const other of causes) {
      if (other.scenario !== scenario) expect(spent(phase), other.scenario).toBeGreaterThan(spent(other.phase));
    }
  };

  for (const client of clientNames) {
    for (const cause of causes) {
      it.concurrent(`from ${cause.scenario.replace('tempo-4361-', 'the ')}, through ${client}`, () =>
        comesFrom(cause, client));
    }
  }
});
