/** From what was said to how often it was right. */
import { type Blame, type Cause, type Side, sides } from '../../verdict/attribution/blame.ts';
import type { PlannedScenario } from './planned.ts';
import type { Truth } from './truth.ts';

/** What the judge names as the one to blame: `nobody` when it saw no time lost. */
export type Said = Side | 'nobody';
export const answers: readonly Said[] = [...sides, 'nobody'];

/** The side of the greatest share, all its causes together; and the greatest of these. */
export function said({ causes }: Blame): { side: Said; cause?: Cause; share: number } {
  const shares = new Map<Side, number>();
  for (const { side, share } of causes) shares.set(side, (shares.get(side) ?? 0) + share);
  const [first] = [...shares].sort(([, a], [, b]) => b - a);
  if (!first) return { side: 'nobody', share: 0 };
  const [side, share] = first;
  const [greatest] = causes.filter((one) => one.side === side).sort((a, b) => b.share - a.share);
  return { side, share, ...(greatest && { cause: greatest.cause }) };
}

export interface Judged {
  planned: PlannedScenario;
  truth: Truth;
  blame: Blame;
  /** See Observed.trouble. */
  trouble?: string;
}

/** How often each side that was to blame was called what: by truth, then by what was said. */
export type Confusion = Record<Side, Record<Said, number>>;

export interface Score {
  counted: number;
  right: number;
  confusion: Confusion;
  misses: Judged[];
}

export function emptyConfusion(): Confusion {
  const row = () => Object.fromEntries(answers.map((answer) => [answer, 0])) as Record<Said, number>;
  return Object.fromEntries(sides.map((side) => [side, row()])) as Confusion;
}

/** Of those that count: how many were laid at the right side's door. */
export function scoreOf(judged: readonly Judged[]): Score {
  const confusion = emptyConfusion();
  const misses: Judged[] = [];
  let right = 0;
  let counted = 0;
  for (const one of judged) {
    if ('notCounted' in one.truth) continue;
    const { side } = said(one.blame);
    confusion[one.truth.main][side]++;
    counted++;
    if (side === one.truth.main) right++;
    else misses.push(one);
  }
  return { counted, right, confusion, misses };
}

/** Of those laid at the right side's door whose cause was planted by itself: how many were called by one of its names. */
export function finerScore(judged: readonly Judged[]): { counted: number; right: number; misses: Judged[] } {
  const misses: Judged[] = [];
  let right = 0;
  let counted = 0;
  for (const one of judged) {
    const { side, cause } = said(one.blame);
    if ('notCounted' in one.truth || one.truth.main !== side || one.planned.sides[0] !== side) continue;
    counted++;
    if (cause !== undefined && one.planned.called.includes(cause)) right++;
    else misses.push(one);
  }
  return { counted, right, misses };
}
