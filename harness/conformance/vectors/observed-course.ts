/** The course of our writer's block, out of the history of its run. */
import type { AttemptEvent, EdgeEvent, HistoryEvent } from '../../history/events.ts';
import { countersOf } from './counters.ts';
import { type Course, type Pause, type SentRequest, unanswered } from './course.ts';
import { comparableError } from './logged-error.ts';

/** Milliseconds by which our processes may be late, several of them on a busy machine. */
const SLACK_MS = 400;
/** The gateway sees the end of an exchange before or after the client does. */
const BLUR_MS = 20;

const reads = new Set(['GET', 'HEAD']);

/** `time`: what every duration of the run was divided by. */
export function observedCourse(events: readonly HistoryEvent[], time: number): Course {
  const attempts = new Map<string, AttemptEvent>();
  for (const event of events) if (event.type === 'attempt') attempts.set(event.id, event);
  const edges = events
    .filter((event): event is EdgeEvent => event.type === 'edge' && !reads.has(event.method))
    .sort((a, b) => a.start - b.start);
  const first = edges[0]?.start ?? 0;
  const serverMessages = new Set(
    [...attempts.values()].flatMap(({ status, message }) => (status !== undefined && message ? [message] : [])),
  );
  return {
    time,
    slack: SLACK_MS,
    blur: BLUR_MS,
    requests: edges.map((edge) => sentRequest(edge, first, pauseAfter(attempts.get(edge.id ?? ''), attempts))),
    errors: failures(events).map((error) => comparableError(error, serverMessages)),
    counters: countersOf(events),
    flushed: events.some((event) => event.type === 'flush.end' && event.outcome === 'ok'),
  };
}

function sentRequest(edge: EdgeEvent, first: number, pause: Pause | undefined): SentRequest {
  return {
    at: edge.start - first,
    took: edge.t - edge.start,
    method: edge.method,
    path: pathOf(edge),
    status: statusOf(edge),
    bytes: edge.bytesIn,
    connection: edge.connection,
    ...(pause && { pause }),
  };
}

function pauseAfter(failed: AttemptEvent | undefined, attempts: ReadonlyMap<string, AttemptEvent>): Pause | undefined {
  if (failed?.retryIn === undefined) return undefined;
  const next = [...attempts.values()].find(
    ({ request, attempt }) => request === failed.request && attempt === failed.attempt + 1,
  );
  return { chosen: failed.retryIn, ...(next && { waited: next.start - failed.t }) };
}

function pathOf({ key, operation, partNumber }: EdgeEvent): string {
  const path = key.replace(/^.*[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\//, '<block>/');
  if (operation === 'CreateMultipartUpload') return `${path}?uploads`;
  return operation === 'UploadPart' ? `${path}?partNumber=${partNumber}` : path;
}

function statusOf({ status, code, cut, upstream, rule }: EdgeEvent): string {
  if (status === undefined) {
    if (cut === 'rule') return upstream?.status === undefined ? unanswered.reset : unanswered.applied(upstream.status);
    // Held by a rule until the client gave up.
    if (rule !== undefined && cut === 'client') return unanswered.never;
    return `ended by ${cut ?? 'nobody'}`;
  }
  if (status === 200 && code !== undefined) return unanswered.hidden(code);
  return String(status);
}

function failures(events: readonly HistoryEvent[]): string[] {
  return events.flatMap((event) =>
    (event.type === 'flush.end' || event.type === 'complete') && event.outcome === 'fail' ? [event.error ?? ''] : [],
  );
}
