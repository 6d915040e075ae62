/**
 * What clients felt of a rule of the S3 edge. Two vantage points have to agree: the edge says which requests the rule decided, and
 * the client, in another process, what became of its attempts. What the rule itself counted is not asked.
 */
import { counted } from '../checkers/counted.ts';
import { ruledBy } from '../gateway/ruled-by.ts';
import type { AttemptEvent, EdgeEvent } from '../history/events.ts';
import { noneDrawn } from './chance.ts';
import type { Effect, EffectContext } from './effect.ts';
import { inWords, isAbout, type RequestParameters } from './request-parameters.ts';

/** One attempt as its client saw it, and as the edge did, where the rule decided what became of it. */
export interface RuledAttempt {
  attempt: AttemptEvent;
  edge: EdgeEvent;
}

export function ruledAttempts({ fault, attempts, edges }: EffectContext): RuledAttempt[] {
  return attempts.flatMap((attempt) => {
    const edge = edges.get(attempt.id);
    return edge && ruledBy(edge, fault.id) ? [{ attempt, edge }] : [];
  });
}

export interface Feeling {
  /** Whether the client felt what was due. */
  felt(ruled: RuledAttempt): boolean;
  /** After "2 of 3 attempts": `were answered SlowDown`. */
  done: string;
  /** After "no client": `got a SlowDown`. */
  wanting: string;
}

/**
 * Seen: at least one attempt was ruled and its client felt it, and none was ruled whose client got an answer as if nothing had been
 * done. (An attempt without an answer may have ended by another fault, by its deadline, or with the writer. Where another rule acted on
 * the request too, the answer may be that one's.)
 */
export function feltByClients(context: EffectContext, { felt, done, wanting }: Feeling): Effect {
  const ruled = ruledAttempts(context);
  const feeling = ruled.filter(felt);
  const untouched = ruled.filter(
    (one) => one.attempt.failure === undefined && one.edge.rule === context.fault.id && !felt(one),
  );
  if (untouched.length > 0) {
    return {
      seen: false,
      message: `the S3 edge says that it acted on ${ruled.length} attempts, and ${untouched.length} of them were answered as if it had not`,
    };
  }
  if (feeling.length > 0) {
    return { seen: true, message: `${feeling.length} of ${concernedAttempts(context)} attempts ${done}` };
  }
  return notFelt(context, `no client ${wanting}`);
}

/** Why a rule was felt by nobody: there was no attempt that it is about, or there were, and `what` became of them. */
export function notFelt(context: EffectContext, what: string): Effect {
  const concerned = concernedAttempts(context);
  return {
    seen: false,
    message:
      concerned === 0
        ? `none of the ${context.attempts.length} attempts in that time was one that it is about (${inWords(context.fault.with as RequestParameters)})`
        : `${counted(concerned, 'attempt')} ${concerned === 1 ? 'was one' : 'were ones'} that it is about, and ${what}${chanceOfNone(context)}`,
  };
}

/** How likely it was that the seed drew none of the requests, as the edge tells what it decided of each; empty when that is not why. */
function chanceOfNone({ fault, edges }: EffectContext): string {
  const { probability = 1, first, every, window } = fault.with as RequestParameters;
  // Of these, most decisions were none of chance.
  if (first !== undefined || every !== undefined || window !== undefined) return '';
  const decided = [...edges.values()].flatMap(({ judged = [] }) => judged.filter(({ rule }) => rule === fault.id));
  return decided.some(({ acts }) => acts) ? '' : noneDrawn(probability, decided.length, 'request');
}

function concernedAttempts({ fault, attempts }: EffectContext): number {
  return attempts.filter((attempt) => isAbout(fault.with as RequestParameters, attempt)).length;
}

/** Whether the client was answered with this error. The answer to a HEAD has no document, and so no code. */
export function wasAnswered({ attempt }: RuledAttempt, status: number, code: string): boolean {
  const withoutDocument = attempt.operation.startsWith('Head') && attempt.code === undefined;
  return attempt.status === status && (attempt.code === code || withoutDocument);
}

/** What S3 itself, behind the edge, did with the request. */
export function wasApplied({ edge: { upstream } }: RuledAttempt): boolean {
  return upstream?.status !== undefined && upstream.status >= 200 && upstream.status < 300;
}
