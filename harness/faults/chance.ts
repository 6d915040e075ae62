/** What a fault with a probability came to when it acted on nothing: chance, and how likely that was. */

import { counted } from '../checkers/counted.ts';

/** Below this share it is no longer to be called chance. */
const HARDLY = 0.001;

/**
 * `: 12 requests were judged and none was drawn, for which the chance was 1.4 % (probability 0.3); ...`, with what makes it less likely.
 * Empty when the fault draws nothing (probability 1), or had nothing to draw for.
 * @param judged how many times it was drawn.
 * @param what in the singular: `request`.
 */
export function noneDrawn(probability: number, judged: number, what: string): string {
  if (probability >= 1 || judged === 0) return '';
  const chance = (1 - probability) ** judged;
  const drawn = `${counted(judged, what)} ${judged === 1 ? 'was' : 'were'} judged and none was drawn`;
  if (chance < HARDLY)
    return `: ${drawn}, which at a probability of ${probability} is hardly chance (${inPercent(chance)})`;
  return `: ${drawn}, for which the chance was ${inPercent(chance)} (probability ${probability}); a longer \`for\`, a higher probability, more blocks or another seed would help`;
}

function inPercent(share: number): string {
  const percent = share * 100;
  return percent < 0.01 ? 'less than 0.01 %' : `${Number(percent.toPrecision(2))} %`;
}
