/**
 * What one client did in one program, as the gateway and the DNS server saw it, in a form that two clients' can be compared by.
 *
 * 1. Its requests, in the order in which they began. Parts of one upload run side by side, so between Create and what follows they
 *    are put in the order of their numbers, each with its attempts one after another.
 * 2. What each was answered: status and code, or how the connection ended.
 * 3. Of a single PutObject, each look-up of the name among them: one for each connection that was tried. (An upload looks up when
 *    its parts find no free connection, which is a matter of moments.)
 * 4. How it ended.
 *
 * When an upload is given up over one part, or at its deadline, the others may be anywhere: those that no fault is about are left out.
 */
import type { DnsQueryEvent, EdgeEvent } from '../history/events.ts';
import { PART_SIZE, type Program } from './program.ts';
import { faultName } from './stage.ts';
import type { Ended } from './way.ts';

/** What was seen of one client's program. */
export interface Seen {
  edges: readonly EdgeEvent[];
  queries: readonly DnsQueryEvent[];
  ended: Ended;
}

/** The time between two attempts of a request. */
export interface Delay {
  request: string;
  /** The one that failed, 1 for the first. */
  attempt: number;
  ms: number;
  /** The client had ended the attempt. */
  leftBehind: boolean;
}

export interface Observation {
  /** One line for each request, look-up, and the outcome. */
  lines: string[];
  delays: Delay[];
  /** How many parts were in flight at once. */
  partsAtOnce: number;
  /** A request that the program's faults did not act on as it says, in words: then nothing can be said of the client. */
  astray?: string;
}

export function observe(program: Program, { edges, queries, ended }: Seen): Observation {
  const begun = [...edges].sort((a, b) => a.start - b.start);
  const lines: { t: number; text: string }[] = [];
  for (const edge of inOrder(begun).filter(isCompared(program, ended))) {
    lines.push({ t: edge.start, text: `${requestOf(edge)}: ${answerOf(edge)}` });
  }
  if (program.size <= PART_SIZE) {
    // AAAA goes beside A, and says nothing more.
    for (const query of queries.filter(({ question }) => question === 'A')) {
      lines.push({ t: query.t, text: `look-up: ${query.addresses.length > 0 ? addressKind(query) : query.answer}` });
    }
    lines.sort((a, b) => a.t - b.t);
  }
  return {
    lines: [...lines.map(({ text }) => text), `=> ${outcomeOf(ended)}`],
    delays: delaysBetween(begun),
    partsAtOnce: mostAtOnce(begun.filter(({ operation }) => operation === 'UploadPart')),
    ...astray(program, begun),
  };
}

/** Whether each request met the fault that the program has for it, and no other. */
function astray({ faults }: Program, begun: readonly EdgeEvent[]): Pick<Observation, 'astray'> {
  const counts = new Map<string, number>();
  for (const edge of begun) {
    const request = requestOf(edge);
    const n = (counts.get(request) ?? 0) + 1;
    counts.set(request, n);
    const due = faults.findIndex(
      ({ operation, part, from, to }) =>
        operation === edge.operation && (part === undefined || part === edge.partNumber) && n >= from && n <= to,
    );
    const expected = due < 0 ? undefined : faultName(due);
    // A client that leaves before the fault has come to act, at its deadline, has met none.
    if (edge.rule === expected || (edge.rule === undefined && edge.cut === 'client')) continue;
    return { astray: `request ${n} of ${request} met ${edge.rule ?? 'no fault'}, and ${expected ?? 'none'} was due` };
  }
  return {};
}

/** Puts the parts of each run of UploadPart requests in the order of their numbers. */
function inOrder(begun: readonly EdgeEvent[]): EdgeEvent[] {
  const ordered: EdgeEvent[] = [];
  let parts: EdgeEvent[] = [];
  const flush = () => {
    // The sort is stable: attempts of one part stay in their order.
    ordered.push(...parts.sort((a, b) => (a.partNumber ?? 0) - (b.partNumber ?? 0)));
    parts = [];
  };
  for (const edge of begun) {
    if (edge.operation === 'UploadPart') parts.push(edge);
    else {
      flush();
      ordered.push(edge);
    }
  }
  flush();
  return ordered;
}

function isCompared({ faults, deadline }: Program, ended: Ended): (edge: EdgeEvent) => boolean {
  const ofParts = faults.filter(({ operation }) => operation === 'UploadPart');
  const givenUp = ended.kind !== 'ok' && (ofParts.length > 0 || deadline !== undefined);
  if (!givenUp) return () => true;
  return ({ operation, partNumber }) => operation !== 'UploadPart' || ofParts.some(({ part }) => part === partNumber);
}

function requestOf({ operation, partNumber }: EdgeEvent): string {
  return partNumber === undefined ? operation : `${operation} ${partNumber}`;
}

function answerOf({ status, code, cut, upstream }: EdgeEvent): string {
  const answer = status === undefined ? '' : `${status}${code === undefined ? '' : ` ${code}`}`;
  if (cut === undefined) return answer;
  const by = { rule: 'cut', client: 'no answer, the client left', upstream: `S3 was gone (${upstream?.error})` }[cut];
  return answer === '' ? by : `${answer}, cut short`;
}

/** The gateway's own, or a neighbour's, whose address differs from one program to the next. */
function addressKind({ addresses, rule }: DnsQueryEvent): string {
  return rule === undefined ? addresses.join(' ') : 'elsewhere';
}

function outcomeOf({ kind, status, message, failure }: Ended): string {
  switch (kind) {
    case 'ok':
      return 'ok';
    case 'deadline':
      return 'context deadline exceeded';
    case 's3':
      // minio-go makes a code up where there was no document. What was answered stands above; the message is what Tempo logs.
      return `S3 said ${status}: ${message}`;
    case 'transport':
      return `no answer: ${failure}`;
    case 'client':
      return `the client: ${message}`;
  }
}

function delaysBetween(begun: readonly EdgeEvent[]): Delay[] {
  const last = new Map<string, { edge: EdgeEvent; attempt: number }>();
  const delays: Delay[] = [];
  for (const edge of begun) {
    const request = requestOf(edge);
    const before = last.get(request);
    const attempt = (before?.attempt ?? 0) + 1;
    if (before) {
      const leftBehind = before.edge.cut === 'client';
      delays.push({ request, attempt: before.attempt, ms: edge.start - endOf(before.edge), leftBehind });
    }
    last.set(request, { edge, attempt });
  }
  return delays;
}

/** When the client could know that the attempt had failed: of an answer that came before all of the body had gone, when it began. */
function endOf({ t, answerStart, bodyEnd }: EdgeEvent): number {
  return answerStart !== undefined && (bodyEnd === undefined || bodyEnd > answerStart) ? answerStart : t;
}

function mostAtOnce(edges: readonly EdgeEvent[]): number {
  const moments = edges.flatMap(({ start, t }) => [
    { at: start, step: 1 },
    { at: t, step: -1 },
  ]);
  moments.sort((a, b) => a.at - b.at || a.step - b.step);
  let now = 0;
  return Math.max(0, ...moments.map(({ step }) => (now += step)));
}
