/** A fault program: one object that is put while, one after another, things go wrong. */

import type { AnswerErrorRule, CompleteErrorRule, CutRule, HoldRule, TruncateRule } from '../gateway/protocol.ts';
import type { S3Operation } from '../history/events.ts';

/** S3's smallest part, and so the smallest `part_size` that can be used: multipart programs have few bytes by it. */
export const PART_SIZE = 5 * 1024 * 1024;

type Without<Rule> = Rule extends unknown ? Omit<Rule, 'rule' | 'seed' | 'match'> : never;

/** What becomes of a request: a rule of the gateway. */
export type Treatment = Without<AnswerErrorRule | CutRule | HoldRule | TruncateRule | CompleteErrorRule>;

/** From the `from`th to the `to`th request of an operation (of each part, or of one alone), counted from 1. */
export interface RequestFault {
  operation: S3Operation;
  part?: number;
  from: number;
  to: number;
  treatment: Treatment;
}

/** What new connections meet: the name is not resolved, or leads where nothing listens or connects hang. */
export interface NameFault {
  mode: 'nxdomain' | 'servfail' | 'refused' | 'empty' | 'silent' | 'dead' | 'hanging';
  /** Absent: each time. Otherwise drawn for each query, alike for every client. */
  probability?: number;
}

/** What a client waits for, milliseconds. */
export interface Timeouts {
  dial: number;
  tlsHandshake: number;
  responseHeader: number;
  idleConnection: number;
  /** For each answer of the DNS server. */
  dns: number;
}

export interface Program {
  /** In its run, from 0 on. */
  number: number;
  /** The kind of fault, for the table. */
  kind: string;
  /** Bytes of the object. More than `PART_SIZE`: a multipart upload. */
  size: number;
  /**
   * TLS: `untrusted`: the client does not know the authority that signed the certificate; `answered-plain`: what answers speaks no TLS;
   * `hanging`: handshakes get no answer. Absent: plain HTTP.
   */
  tls?: 'trusted' | 'untrusted' | 'answered-plain' | 'hanging';
  faults: RequestFault[];
  name?: NameFault;
  /** Tempo's timeouts are divided by these, where the program runs into them. */
  divided: Partial<Record<keyof Timeouts, number>>;
  /** Of the whole object, milliseconds. */
  deadline?: number;
  /** How many attempts there are until the deadline is a matter of the jitter: only their sequence is compared, as far as both go. */
  countedByChance?: true;
}

/** The program in words, for whoever has to find out why it disagrees. */
export function described({ number, kind, size, tls, faults, name, divided, deadline }: Program): string {
  const words = [
    `program ${number} (${kind}): ${size} bytes`,
    ...(tls ? [`TLS ${tls}`] : []),
    ...faults.map(({ operation, part, from, to, treatment }) => {
      const which = `${operation}${part === undefined ? '' : ` part ${part}`} ${from === to ? from : `${from}-${to}`}`;
      return `${which}: ${treatmentInWords(treatment)}`;
    }),
    ...(name ? [`name ${name.mode}${name.probability === undefined ? '' : ` (${name.probability})`}`] : []),
    ...Object.entries(divided).map(([timeout, by]) => `${timeout} timeout / ${by}`),
    ...(deadline === undefined ? [] : [`deadline ${deadline} ms`]),
  ];
  return words.join('; ');
}

function treatmentInWords(treatment: Treatment): string {
  switch (treatment.kind) {
    case 'answer-error': {
      const { status, code, withoutDocument, headers = {}, retryAfter, when = 'after-body' } = treatment;
      const more = { ...headers, ...(retryAfter !== undefined && { 'retry-after': retryAfter }) };
      const told = Object.entries(more).map(([name, value]) => `${name} ${value}`);
      return [`${status} ${withoutDocument ? 'without a document' : code} ${when}`, ...told].join(', ');
    }
    case 'cut':
      return `cut ${treatment.when}`;
    case 'hold':
      return `held ${treatment.forMs === undefined ? 'for ever' : `${treatment.forMs} ms`} ${treatment.when}`;
    case 'truncate':
      return `cut after ${treatment.bytes} bytes of the answer`;
    case 'complete-200-error':
      return `200 with ${treatment.code}${treatment.applied ? ', applied' : ''}`;
  }
}
