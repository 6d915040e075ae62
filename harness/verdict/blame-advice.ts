/**
 * What to change, by whom the lost time is due to: by the side that it is due to most, and what of that side it was most. So what is advised is
 * never about another side than the one that is blamed.
 */
import type { WriterKeys } from '../tempo/writer-keys.ts';
import type { Blame, Cause } from './attribution/blame.ts';
import { bySide } from './attribution/blame-words.ts';

/** What became of the flushes: their deadline ended some; they failed when the attempts were used up; or they only came late. */
export type Ended = 'by deadline' | 'by attempts' | 'late';

/** The one that most of the time is due to; `undefined` when none was lost. */
export function mainCause({ causes }: Blame): Cause | undefined {
  return bySide(causes)[0]?.causes[0]?.cause;
}

/** A sentence without its period. `failed`: whether any attempt did. */
export function remedyFor(cause: Cause, ended: Ended, keys: WriterKeys, failed: boolean): string {
  const { flushOpTimeout, concurrentFlushes, maxBlockBytes } = keys;
  const byDeadline = ended === 'by deadline';
  const longer = byDeadline ? `; a longer ${flushOpTimeout} leaves a flush the time to get through` : '';
  const longerOrMore =
    ended === 'late' ? `; more flushes at a time (${concurrentFlushes}) keep up where each takes long` : longer;
  switch (cause) {
    case 'pool':
      return `The client itself keeps its requests waiting for a connection: more of them (policy.maxConnections; Tempo has no limit), or fewer flushes at a time (${concurrentFlushes})`;
    case 'deadline':
      return `${flushOpTimeout} is shorter than what a flush takes here without any trouble: make that longer (Tempo 2 sets up 5m)`;
    case 'attempts':
      return `The client gives requests up that S3 would have answered soon after: more attempts (${keys.attempts}${keys.attempts.startsWith('policy.') ? ': Tempo sets up 10, and has a key for it from 3.0 on' : ''}) get them through`;
    case 'concurrency':
      return `Blocks wait while others are flushed: more flushes at a time (${concurrentFlushes}) keep up`;
    case 'bandwidth':
      if (byDeadline)
        return `The uplink does not carry a block within ${flushOpTimeout}: make that longer, or blocks smaller (${maxBlockBytes})`;
      return `${failed ? 'The' : 'Nothing failed, the'} uplink was too slow for what was to be flushed: more bandwidth is what helps, no setting of the client`;
    case 'latency':
      return `The path to S3 holds up or loses requests and answers, which no setting of the client mends${longerOrMore}`;
    case 'dns':
      return `The name in storage.trace.s3.endpoint is looked up late or in vain: it is the resolver of the writers that is to be mended${longer}`;
    case 'connect':
      return `Connections to storage.trace.s3.endpoint are refused or not answered: what is to be mended is the way there, with its firewalls and load balancers${longer}`;
    case 'tls':
      return `TLS handshakes with storage.trace.s3.endpoint fail or take long: what ends TLS there, or before it, is to be mended${longer}`;
    case 'reset':
      return `Something on the way to S3 ends connections, a proxy, a load balancer or a NAT: it is that which is to be mended${longer}`;
    case 'throttled':
      if (byDeadline)
        return `A longer ${flushOpTimeout} leaves the retries time to get through; fewer flushes at a time (${concurrentFlushes}) send S3 less while it throttles`;
      return `Fewer flushes at a time (${concurrentFlushes}) send S3 less while it throttles`;
    case 'error':
      return `S3 itself fails requests, which is for those who run it to mend${longer}`;
    case 'slow':
      return `S3 itself answers late, which is for those who run it to mend${longerOrMore}`;
    case 'silent':
      return `S3 itself takes requests and leaves them without an answer, which is for those who run it to mend${longer}`;
    case 'disk':
      if (byDeadline)
        return `The local disk does not give a block within ${flushOpTimeout}: make that longer, or blocks smaller (${maxBlockBytes})`;
      return "The writer's local disk is slow or fails: a better one is what helps, no setting of the client";
    case 'cpu':
      return "The writer's process does not get the CPU that it needs: more of it, or less beside it on the machine, is what helps, no setting of the client";
    case 'completing':
      return `The writer's machine takes long to make a local block of the WAL, before anything is sent to S3: a faster local disk and more CPU are what helps, or smaller blocks (${maxBlockBytes})`;
  }
}

/** More attempts would have outlived it, if it is short: trouble of S3 and of the path, which the client tries again after. */
export function isTriedAgain(cause: Cause): boolean {
  return ['dns', 'connect', 'tls', 'reset', 'latency', 'throttled', 'error', 'silent'].includes(cause);
}
