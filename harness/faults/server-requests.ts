/** What requests met when they came to S3 itself: the attempts that the gateway sent on, with what became of them there. */
import type { AttemptEvent, EdgeEvent } from '../history/events.ts';
import type { EffectContext } from './effect.ts';

export interface SentOn {
  attempt: AttemptEvent;
  upstream: NonNullable<EdgeEvent['upstream']>;
}

/** Those of the attempts in that time that the gateway sent on to S3, before the fault or after it began. */
export function sentOn({ attempts, edges }: Pick<EffectContext, 'attempts' | 'edges'>): SentOn[] {
  return attempts.flatMap((attempt) => {
    const upstream = edges.get(attempt.id)?.upstream;
    return upstream ? [{ attempt, upstream }] : [];
  });
}

/** Sent on while it was in force, and answered by S3 while it was in force still: a server that is there. */
export function answeredMeanwhile({ fault, end, ...context }: EffectContext): number {
  return sentOn(context).filter(
    ({ upstream: { start, answer } }) => start >= fault.t && answer !== undefined && answer <= end.until,
  ).length;
}

/** Nobody took it, or the connection to S3 ended under it; and the client saw a connection that ended. */
export function foundNobody({ attempt, upstream }: SentOn): boolean {
  return upstream.error !== undefined && attempt.failure === 'reset';
}
