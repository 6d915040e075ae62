/** Blame in words, for a Tempo operator. */
import { listed, percent } from '../../checkers/counted.ts';
import { type Blame, type BlamedCause, type Cause, type Side, sides } from './blame.ts';

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
  completing: 'completing blocks',
};

/** The causes of each side that has some, the side first that they weigh most together on. */
export function bySide(
  causes: readonly BlamedCause[],
): { side: Side; share: number; causes: readonly BlamedCause[] }[] {
  return sides
    .map((side) => causes.filter((cause) => cause.side === side))
    .flatMap((own) => own.slice(0, 1).map(({ side }) => ({ side, share: shareOf(own), causes: own })))
    .sort((a, b) => b.share - a.share);
}

function shareOf(causes: readonly BlamedCause[]): number {
  return causes.reduce((sum, { share }) => sum + share, 0);
}

/** Shares of the lost time that are less are left out. */
const WORTH_TELLING = 0.05;

/** `S3 is to blame for 92 % of the lost time (slow answers, errors), the network for 8 % (latency)`; empty when none was lost. */
export function sayBlame({ causes }: Blame): string {
  return bySide(causes)
    .filter(({ share }) => share >= WORTH_TELLING)
    .map(({ side, share, causes: own }, index) => {
      const what = own.filter((cause, place) => place === 0 || cause.share >= WORTH_TELLING);
      const words = index > 0 ? '' : `${side === 'client' ? 'are' : 'is'} to blame `;
      const whole = index > 0 ? '' : ' of the lost time';
      return `${sideWords[side]} ${words}for ${percent(share)}${whole} (${listed(what.map(({ cause }) => causeWords[cause]))})`;
    })
    .join(', ');
}
