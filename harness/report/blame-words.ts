/** Whom lost time is due to, in words. */
import { sayDuration } from '../checkers/config-time.ts';
import { counted, percent } from '../checkers/counted.ts';
import type { Blame, BlamedCause } from '../verdict/attribution/blame.ts';
import { bySide, causeWords, sideWords } from '../verdict/attribution/blame-words.ts';

/** `the network 93 % (bandwidth 91 %, latency 2 %), S3 7 % (slow answers)`, the most first; what is under a hundredth is left out. */
export function sidesInWords({ causes }: Blame): string {
  return bySide(causes.filter(({ share }) => share >= 0.01))
    .map(({ side, share, causes: own }) => `${sideWords[side]} ${percent(share)} (${causesInWords(own)})`)
    .join(', ');
}

/** For a run. */
export function blameSentence(blame: Blame): string {
  if (blame.causes.length === 0) return 'No time was lost: no flush failed, or was slow or late.';
  const { lostMs, flushes } = blame;
  return `${sayDuration(lostMs)} were lost in ${counted(flushes, 'flush')} that failed, or ${flushes === 1 ? 'was' : 'were'} slow or late: due to ${sidesInWords(blame)}.`;
}

function causesInWords(causes: readonly BlamedCause[]): string {
  const [only] = causes;
  if (only && causes.length === 1) return causeWords[only.cause];
  return causes.map(({ cause, share }) => `${causeWords[cause]} ${percent(share)}`).join(', ');
}
