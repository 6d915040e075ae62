/** What clients saw of a fault on their way to S3: the attempts that it had from their begin on. */
import { counted } from '../checkers/counted.ts';
import { wrongS3Rule } from '../environment/wrong-s3.ts';
import type { AttemptEvent } from '../history/events.ts';
import type { Effect, EffectContext } from './effect.ts';

/** Those that began while it was in force, on the path that the fault is on: none that a fault of DNS led to another S3. */
export function begunInForce({ fault, end, attempts, edges }: EffectContext): AttemptEvent[] {
  return attempts.filter(
    ({ id, start }) => start >= fault.t && start <= end.until && edges.get(id)?.rule !== wrongS3Rule,
  );
}

/** Of those, the ones that the S3 edge had while it was in force still: another fault may keep them from an answer. */
function cameToS3(context: EffectContext): number {
  return begunInForce(context).filter(({ id }) => {
    const edge = context.edges.get(id);
    return edge !== undefined && edge.start <= context.end.until;
  }).length;
}

/** Of those, the ones that were answered, whole, while it was in force still. */
export function answeredInForce(context: EffectContext): AttemptEvent[] {
  return begunInForce(context).filter(
    ({ t, status, failure }) => status !== undefined && failure === undefined && t <= context.end.until,
  );
}

/** The connection ended: in the middle of a request, or of the TLS handshake before it. */
export function lostConnection({ failure }: AttemptEvent): boolean {
  return failure === 'reset' || failure === 'tls';
}

/**
 * For a fault that lets nothing through. Seen: at least one attempt that began while it was in force ended as is due, and none was
 * answered, nor came to the S3 edge, whatever was counted elsewhere.
 * @param ended after "3 of 4 requests": `were refused a connection`.
 */
export function nothingGotThrough(
  context: EffectContext,
  isDue: (attempt: AttemptEvent) => boolean,
  ended: string,
): Effect {
  const begun = begunInForce(context);
  const due = begun.filter(isDue).length;
  const answered = answeredInForce(context).length;
  const requests = counted(begun.length, 'request');
  if (begun.length === 0) {
    return { seen: false, acted: 0, message: 'no request began while it was in force; it needs load' };
  }
  if (answered > 0) {
    return {
      seen: false,
      acted: due,
      message: `of ${requests} that began while it was in force, ${answered} got an answer, where nothing should have got through`,
    };
  }
  const came = cameToS3(context);
  if (came > 0) {
    return {
      seen: false,
      acted: 0,
      message: `of ${requests} that began while it was in force, ${came} came to S3, where nothing should have got through`,
    };
  }
  if (due === 0)
    return { seen: false, acted: 0, message: `of ${requests} that began while it was in force, none ${ended}` };
  return { seen: true, acted: due, message: `${due} of ${requests} ${ended}, and none got an answer` };
}
