/**
 * What clients saw of a fault on the lease's name: their look-ups, each with the queries that the fault decided in the midst of it. An
 * attempt that opened a connection tells when its look-up began and ended (`phases.dns`); the DNS server tells when it was asked what,
 * and which rule decided the answer. Both read the same clock.
 */
import { counted } from '../checkers/counted.ts';
import { firstWhere } from '../first-where.ts';
import type { AttemptEvent, DnsQueryEvent } from '../history/events.ts';
import { noneDrawn } from './chance.ts';
import type { Effect, EffectContext } from './effect.ts';

export interface LookUp {
  attempt: AttemptEvent;
  /** How long it took, milliseconds. */
  took: number;
  /** What the DNS server was asked meanwhile, in the order of time. */
  queries: DnsQueryEvent[];
  /** Of these, the ones that the fault decided. */
  decided: DnsQueryEvent[];
  /** It ended without an address: by an error, or because the time for the whole flush was over. */
  failed: boolean;
}

/** The look-ups that a fault could meet: those that ended after it began, and began before its healing did. */
export function lookUpsInForce({ fault, actedFrom, end, attempts, events }: EffectContext): LookUp[] {
  const queries = events.filter((event) => event.type === 'dns.query').sort((a, b) => a.t - b.t);
  return attempts.flatMap((attempt) => {
    const { dns: took, socket = 0, connect, tls, send } = attempt.phases;
    if (took === undefined) return [];
    // The wait for the pool comes first; of an attempt that never got a connection it may not be known.
    const from = attempt.start + socket;
    const to = from + took;
    if (to < actedFrom || from > end.until) return [];
    const meanwhile = between(queries, from, to);
    const noMore = connect === undefined && tls === undefined && send === undefined;
    return [
      {
        attempt,
        took,
        queries: meanwhile,
        decided: meanwhile.filter(({ rule }) => rule === fault.id),
        failed: attempt.failure === 'dns' || (attempt.failure === 'deadline' && noMore),
      },
    ];
  });
}

/** The queries from one time to another, of a list in the order of time. */
function between(queries: readonly DnsQueryEvent[], from: number, to: number): DnsQueryEvent[] {
  return queries.slice(
    firstWhere(queries, ({ t }) => t >= from),
    firstWhere(queries, ({ t }) => t > to),
  );
}

/** Queries that the fault decided, as the DNS server wrote them down. */
export function decidedQueries({ fault, events }: EffectContext): DnsQueryEvent[] {
  return events.filter((event) => event.type === 'dns.query').filter(({ rule }) => rule === fault.id);
}

/** `4 queries were affected`. */
export function affectedQueries(count: number): string {
  return count === 1 ? '1 query was affected' : `${count} queries were affected`;
}

/** Whether a question that the fault decided was asked again in the same look-up: over the next try, or over TCP. */
export function askedAgain({ decided, queries }: LookUp): boolean {
  return decided.some((one) =>
    queries.some(
      (other) => other.t > one.t && other.question === one.question && (other.asked ?? '') === (one.asked ?? ''),
    ),
  );
}

/** `, with up to 8 queries for one` where look-ups ask for more than A and AAAA. */
function multiplied(lookUps: readonly LookUp[]): string {
  const most = Math.max(0, ...lookUps.map(({ queries }) => queries.length));
  return most > 2 ? `, with up to ${most} queries for one` : '';
}

/**
 * The effect of a fault that acts on look-ups.
 * @param affected whether a look-up shows it; one without a query that the fault decided never does.
 * @param words what happened to those: `failed for it`.
 * @param share of the look-ups with such a query: so many have to show it. Where a busy machine may make the odd one look like it.
 */
export function effectOnLookUps(
  context: EffectContext,
  affected: (lookUp: LookUp) => boolean,
  words: string,
  share = 0,
): Effect {
  const lookUps = lookUpsInForce(context);
  const decided = decidedQueries(context).length;
  if (lookUps.length === 0 || decided === 0) return { seen: false, message: whyNot(context, lookUps) };
  const concerned = lookUps.filter((lookUp) => lookUp.decided.length > 0);
  const met = concerned.filter(affected);
  const queries = affectedQueries(decided);
  if (met.length > 0 && met.length < concerned.length * share) {
    return {
      seen: false,
      message: `${queries}, but only ${met.length} of ${counted(concerned.length, 'connect')} that they were for ${words}`,
    };
  }
  return met.length > 0
    ? {
        seen: true,
        message: `${queries}, and ${met.length} of ${counted(lookUps.length, 'connect')} ${words}${multiplied(met)}`,
      }
    : { seen: false, message: `${queries}, but none of ${counted(lookUps.length, 'connect')} ${words}` };
}

/** Why a fault on the name met no look-up, and what would have been needed. */
export function whyNot({ fault, end, attempts, events }: EffectContext, lookUps: readonly LookUp[]): string {
  if (attempts.length === 0) return 'no request was under way while it was in force; it needs load';
  const { connections, probability = 1 } = fault.with as { connections?: string; probability?: number };
  if (lookUps.length > 0) {
    const asked = events.some((event) => event.type === 'dns.query');
    return asked
      ? `${counted(lookUps.length, 'connect')} looked the name up, and no answer was changed${noneDrawn(probability, Number(end.evidence?.considered ?? 0), 'query')}`
      : `${counted(lookUps.length, 'connect')} needed the name, and a cache knew it: no query was sent; it has to be in force for longer than the time to live`;
  }
  const pool = new Set(attempts.filter(({ reused }) => reused).map(({ connection }) => connection)).size;
  return `the pool kept ${counted(pool, 'connection')} open, so no name was looked up${connections === 'keep' ? '; `connections: end` would have ended them' : ''}`;
}
