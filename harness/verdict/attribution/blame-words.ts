/** Blame in words, for a Tempo operator. */
import { listed, percent } from '../../checkers/counted.ts';
import type { Blame, Cause, Side } from './blame.ts';

export const sideWords: Record<Side, string> = {
  client: "the client's own settings",
  network: 'the network',
  s3: 'S3',
  machine: "the writer's machine",
};

/** What it was that took the time. */
export const causeWords: Record<Cause, string> = {
  pool: 'too few connections',
  deadline: 'too short a flush_op_timeout',
  attempts: 'too few attempts',
  concurrency: 'too few flushes at a time',
  dns: 'looking up the name',
  connect: 'connecting',
  tls: 'TLS handshakes',
  latency: 'latency',
  bandwidth: 'bandwidth',
  reset: 'resets',
  throttled: 'throttling',
  error: 'errors',
  slow: 'slow answers',
  silent: 'no answers',
  disk: 'its disk',
  cpu: 'its CPU',
};

/** Shares of the lost time that are less are left out. */
const WORTH_TELLING = 0.05;

/** `S3 is to blame for 92 % of the lost time (slow answers, errors), the network for 8 % (latency)`; empty when none was lost. */
export function sayBlame({ causes }: Blame): string {
  const bySide = new Map<Side, { share: number; causes: string[] }>();
  for (const { side, cause, share } of causes) {
    const known = bySide.get(side) ?? { share: 0, causes: [] };
    known.share += share;
    if (share >= WORTH_TELLING || known.causes.length === 0) known.causes.push(causeWords[cause]);
    bySide.set(side, known);
  }
  const told = [...bySide].filter(([, { share }]) => share >= WORTH_TELLING).sort(([, a], [, b]) => b.share - a.share);
  return told
    .map(([side, { share, causes: what }], index) => {
      const words = index > 0 ? '' : `${side === 'client' ? 'are' : 'is'} to blame `;
      const whole = index > 0 ? '' : ' of the lost time';
      return `${sideWords[side]} ${words}for ${percent(share)}${whole} (${listed(what)})`;
    })
    .join(', ');
}
