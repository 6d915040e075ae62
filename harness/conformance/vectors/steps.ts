/**
 * The requests of a course as steps that two courses can be compared by.
 *
 * 1. How long each waited: a repeated request since its failed attempt, any other since the last answer. A request that was never
 *    answered is taken to have ended at once: the deadline is part of the wait.
 * 2. What kind of a wait that was. No wait between two attempts is longer than `backoffCap`, none between two flushes is shorter than
 *    30 s: so what is as long as `LONG_MS` is the second.
 * 3. Whether it came on the connection that was free last, as Go's transport takes it, or on another: only where one request follows
 *    the other, and it is certain which was free last. Not of parts: they race for connections, and for those that are being opened.
 * 4. The parts of one upload are put in the order of their numbers: in which order they arrive varies from run to run.
 */
import { type Course, type Pause, type SentRequest, succeeded, unanswered } from './course.ts';

const LONG_MS = 10_000;

/** What bounds the waits between attempts, in milliseconds of the config's time: of minio-go and its config, not of our own settings. */
export interface WaitBounds {
  backoffUnit: number;
  backoffCap: number;
}

/** All in milliseconds of the config's time. */
export type Wait =
  /** There is nothing to wait for. */
  | { kind: 'none'; ms: number }
  /** Between two attempts of one request: at most so many. */
  | { kind: 'backoff'; ms: number; most: number; pause?: Pause }
  /** Until the block is flushed again. */
  | { kind: 'long'; ms: number };

export interface Step {
  method: string;
  path: string;
  status: string;
  bytes: number;
  /** Absent: it is a part's first attempt, which waits for whatever the other parts take. */
  wait?: Wait;
  /** Absent: it cannot be told. */
  connection?: 'kept' | 'another';
}

export function stepsOf(course: Course, bounds: WaitBounds): Step[] {
  const { requests, time, blur } = course;
  const waits: (Wait | undefined)[] = [];
  const steps = requests.map((request, index): Step => {
    const earlier = requests.slice(0, index);
    const wait = waitOf(request, earlier, waits, bounds, time);
    waits.push(wait);
    const connection = connectionOf(request, earlier, blur);
    return {
      method: request.method,
      path: request.path,
      status: request.status,
      bytes: request.bytes,
      ...(wait && { wait }),
      ...(connection && { connection }),
    };
  });
  return partsInOrder(steps);
}

const identity = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;
const isPart = ({ path }: { path: string }) => path.includes('?partNumber=');
const endOf = (request: SentRequest) => (request.status === unanswered.never ? request.at : request.at + request.took);

function waitOf(
  request: SentRequest,
  earlier: readonly SentRequest[],
  waits: readonly (Wait | undefined)[],
  bounds: WaitBounds,
  time: number,
): Wait | undefined {
  const failed = failedBefore(request, earlier);
  if (!failed && isPart(request)) return undefined;
  const since = failed && isPart(request) ? endOf(failed) : Math.max(...earlier.map(endOf));
  const ms = earlier.length === 0 ? 0 : Math.max(0, request.at - since) * time;
  if (ms >= LONG_MS) return { kind: 'long', ms };
  if (!failed) return { kind: 'none', ms };
  const most = Math.min(bounds.backoffCap, bounds.backoffUnit * 2 ** (failuresInARow(request, earlier, waits) - 1));
  return { kind: 'backoff', ms, most, ...(failed.pause && { pause: stretched(failed.pause, time) }) };
}

function stretched({ chosen, waited }: Pause, time: number): Pause {
  return { chosen: chosen * time, ...(waited !== undefined && { waited: waited * time }) };
}

/** The attempt that this one repeats. Parts of one upload go side by side; everything else is done one after the other. */
function failedBefore(request: SentRequest, earlier: readonly SentRequest[]): SentRequest | undefined {
  const ofUpload = earlier.slice(earlier.findLastIndex(({ path }) => path.endsWith('?uploads')) + 1);
  const before = isPart(request)
    ? ofUpload.findLast((one) => identity(one) === identity(request))
    : earlier.findLast((one) => !isPart(one));
  return before && identity(before) === identity(request) && !succeeded(before) ? before : undefined;
}

/** Failed attempts of this request until now, since the last long wait. */
function failuresInARow(
  request: SentRequest,
  earlier: readonly SentRequest[],
  waits: readonly (Wait | undefined)[],
): number {
  let failures = 0;
  for (let index = earlier.length - 1; index >= 0; index--) {
    if (identity(earlier[index] as SentRequest) !== identity(request)) continue;
    failures++;
    if (waits[index]?.kind !== 'backoff') break;
  }
  return failures;
}

function connectionOf(
  request: SentRequest,
  earlier: readonly SentRequest[],
  blur: number,
): Step['connection'] | undefined {
  if (isPart(request)) return undefined;
  const [last, ...others] = earlier.toSorted((a, b) => b.at + b.took - (a.at + a.took));
  if (!last) return undefined;
  const end = last.at + last.took;
  // Others are on their way: which connection is free next is a matter of chance.
  if (end > request.at + blur) return undefined;
  const rivals = others.filter(({ at, took }) => at + took > last.at && end - (at + took) < blur);
  if (rivals.some(({ connection }) => connection !== last.connection)) return undefined;
  return request.connection === last.connection ? 'kept' : 'another';
}

function partsInOrder(steps: readonly Step[]): Step[] {
  const ordered: Step[] = [];
  let parts: Step[] = [];
  const flush = () => {
    ordered.push(...parts.sort((a, b) => partNumber(a) - partNumber(b)));
    parts = [];
  };
  for (const step of steps) {
    if (isPart(step)) parts.push(step);
    else {
      flush();
      ordered.push(step);
    }
  }
  flush();
  return ordered;
}

const partNumber = ({ path }: Step) => Number(/partNumber=(\d+)/.exec(path)?.[1]);
