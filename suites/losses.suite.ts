/**
 * Tempo's ways of losing data, each brought about through both clients: it has to happen, to be named for what it is, and the setting that
 * would have avoided it has to be named too. Whatever was lost was declared: no byte is unaccounted for.
 */
import { describe, expect, it } from 'vitest';
import { type ClientName, clientNames } from '../harness/object-store/clients.ts';
import { because, realHarness } from './real-harness.ts';

interface Loss {
  scenario: string;
  /** In the explanation. */
  words: string[];
}

const losses: Loss[] = [
  {
    scenario: 'loss-complete-three-times',
    words: ['cannot be completed three times is deleted with its WAL', 'EIO', 'replication_factor: 3'],
  },
  {
    scenario: 'loss-disk-error-cutting',
    words: ['while traces are cut loses the page', 'nothing pushes back on the sender', 'EIO', 'replication_factor: 3'],
  },
  {
    scenario: 'loss-disk-fills',
    words: [
      'the local disk had filled because flushing could not keep up',
      "waiting for S3's answer",
      'ingester.concurrent_flushes',
      'rate_limit_bytes',
    ],
  },
  {
    scenario: 'loss-wal-meta',
    words: ['a WAL block whose meta.json cannot be read is deleted', 'ingester.max_block_bytes', 'live traces'],
  },
];

const gap: Loss = {
  scenario: 'gap-late-flush',
  words: ['Nothing was lost', 'ingester.complete_block_timeout', 'storage.trace.blocklist_poll'],
};

describe("Tempo's ways of losing data", () => {
  const real = realHarness();

  const isNamed = async ({ scenario, words }: Loss, client: ClientName, cause = 'durability') => {
    const result = await real.runNamed(scenario, client);
    expect(result.verdict, because(result)).toBe('fail');
    expect(result.asExpected, because(result)).toBe(true);
    const verdicts = new Map(result.findings.map((finding) => [finding.checker, finding.verdict]));
    expect(verdicts.get(cause), because(result)).toBe('fail');
    expect(verdicts.get('conservation'), because(result)).toBe('pass');
    expect(result.blocks.lost > 0, because(result)).toBe(cause === 'durability');
    for (const word of words) expect(result.explanation).toMatch(word);
  };

  for (const loss of losses) {
    for (const client of clientNames) {
      it.concurrent(`${loss.scenario} through ${client}`, () => isNamed(loss, client));
    }
  }

  // A gap is a matter of time: on a machine that the others keep busy it would be excused.
  it('gap-late-flush through both clients', async () => {
    await Promise.all(clientNames.map((client) => isNamed(gap, client, 'visibility-gap')));
  });
});
