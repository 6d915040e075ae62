/** The machine that the writers run on, for the faults that are its own: how they reach it, and what the history tells of them. */
import { z } from 'zod';
import { configTime, sayMoment } from '../checkers/config-time.ts';
import { counted, listed } from '../checkers/counted.ts';
import type { AttemptEvent, WriterProcessEvent } from '../history/events.ts';
import { kubeletCrashLoop } from '../subject/crash-loop.ts';
import type { WriterMachine } from '../subject/writer-machine.ts';
import { formatDuration } from '../tempo/go-duration.ts';
import type { EffectContext } from './effect.ts';
import type { Injection } from './fault.ts';
import { inConfigTime } from './in-config.ts';

/** Two faults of one process cannot be told apart, nor healed one without the other. */
export const writersProcess = "the writers' process";

/** A scenario is refused that names writers which it does not have. */
const someWriters = (which: string) =>
  z.array(z.string()).nonempty().optional().describe(`names of writers, like ingester-3${which}; absent: all`);

/** The parameter of a fault that acts on processes. */
export const processesOfWriters = () =>
  someWriters(': the processes that they run in, and with them all that run there');

/** The parameter of a fault that acts on disks, of which each writer has its own. */
export const disksOfWriters = () => someWriters(', whose disks it is about');

/** @throws Error where no writer of ours runs. */
export function writersMachine({ machine, id }: Pick<Injection<unknown>, 'machine' | 'id'>): WriterMachine {
  if (machine) return machine;
  throw new Error(
    `${id}: no writer of the harness runs here, and the fault acts on its machine: put it into a scenario`,
  );
}

/** The numbers of the processes that these writers run in; `undefined`: all. @throws Error when there is no such writer. */
export function processesOf(
  { processes }: Pick<WriterMachine, 'processes'>,
  writers: readonly string[] | undefined,
): number[] | undefined {
  if (!writers) return undefined;
  const found = writers.map((writer) => {
    const number = processes.findIndex((names) => names.includes(writer));
    if (number < 0) throw new Error(`there is no writer ${writer}: there are ${listed(processes.flat())}`);
    return number;
  });
  return [...new Set(found)].sort((a, b) => a - b);
}

/** For how long processes were not running, for a fault: from one of its events to the next of the same processes. */
export interface Standstill {
  from: number;
  /** Absent: they never went on. */
  until?: number;
  begun: WriterProcessEvent;
  over?: WriterProcessEvent;
}

/** Each time that the fault paused, killed or stopped processes, in order. */
export function standstills({ fault, events }: Pick<EffectContext, 'fault' | 'events'>): Standstill[] {
  const found: Standstill[] = [];
  for (const event of events) {
    if (event.type !== 'writer.process' || event.rule !== fault.id) continue;
    if (event.what !== 'resumed' && event.what !== 'restarted') found.push({ from: event.t, begun: event });
    else {
      const ends = ({ until, begun }: Standstill) => until === undefined && begun.writers[0] === event.writers[0];
      Object.assign(found.findLast(ends) ?? {}, { until: event.t, over: event });
    }
  }
  return found;
}

/** Attempts of the writers that began or ended while their process cannot have been running. */
export function attemptsMeanwhile({ attempts }: Pick<EffectContext, 'attempts'>, times: readonly Standstill[]): number {
  const gone = times.map(({ from, until, begun }) => ({
    writers: new Set(begun.writers),
    within: (t: number) => t > from + GRAIN_MS && t < (until ?? t + 1),
  }));
  return attempts.filter((attempt) => {
    const writer = writerOf(attempt);
    return gone.some(({ writers, within }) => writers.has(writer) && (within(attempt.start) || within(attempt.t)));
  }).length;
}

/**
 * Of those attempts, the ones that began when the processes ran again: as they tell it, or the S3 edge does of one whose process was ended
 * again before it could.
 */
export function attemptsAfter(
  { attempts, edges }: Pick<EffectContext, 'attempts' | 'edges'>,
  { begun, until }: Standstill,
): number {
  if (until === undefined) return 0;
  const writers = new Set(begun.writers);
  const own = attempts.filter((attempt) => attempt.start >= until && writers.has(writerOf(attempt)));
  const told = new Set(own.map(({ id }) => id));
  const untold = [...edges].filter(
    ([id, { start }]) => start >= until && writers.has(writerOf({ id })) && !told.has(id),
  );
  return own.length + untold.length;
}

/**
 * Whose attempt it is. An id begins with the writer's name, which has the number of its process behind it from the second one on:
 * `ingester-3-17.1`, `ingester-3.2-17.1`.
 */
export function writerOf({ id }: Pick<AttemptEvent, 'id'>): string {
  return id.slice(0, Math.max(0, id.lastIndexOf('-'))).replace(/\.\d+$/, '');
}

/**
 * What S3's being away came to for the writers that the fault had ended, in words: `writer ingester-0 could not start 3 times while S3 was away
 * (from 0:30 to 1:12); its crash-loop back-off had come to 40s`, by the moments of the first try and of the last failure. `undefined`: all
 * started at once.
 */
export function failedStarts({
  fault,
  events,
  compression,
  zero,
}: Pick<EffectContext, 'fault' | 'events' | 'compression' | 'zero'>): string | undefined {
  const failed = events.filter((event) => event.type === 'writer.start-failed').filter(({ rule }) => rule === fault.id);
  const [first] = failed;
  if (!first) return undefined;
  const writers = [...new Set(failed.map(({ writer }) => writer))];
  const each = writers.map((name) => failed.filter(({ writer }) => writer === name).length);
  const [least, most] = [Math.min(...each), Math.max(...each)];
  const times = least === most ? counted(most, 'time') : `${least} to ${most} times`;
  const moment = (t: number) => sayMoment(configTime(t - zero, compression));
  const from = Math.min(...failed.map(({ start }) => start));
  const until = Math.max(...failed.map(({ t }) => t));
  const backOff = Math.max(...failed.map(({ retryIn = 0 }) => retryIn));
  const whose = writers.length === 1 ? 'its' : 'their';
  const who = writers.length === 1 ? 'writer' : 'writers';
  return `${who} ${listed(writers)} could not start ${times} while S3 was away (from ${moment(from)} to ${moment(until)}); ${whose} crash-loop back-off had come to ${inConfigTime(backOff, compression)}`;
}

/**
 * Whether a writer was started again sooner than the crash-loop back-off lets it: it would be back earlier than in truth. Each wait is at
 * least twice the one before it. In words, or `undefined`: none was.
 */
export function startedTooSoon({
  fault,
  events,
  compression,
}: Pick<EffectContext, 'fault' | 'events' | 'compression'>): string | undefined {
  const { first, longest } = kubeletCrashLoop;
  /** Of each writer, how many starts in a row have failed, and when the last did. */
  const failed = new Map<string, { starts: number; t: number }>();
  for (const event of events) {
    if (event.type === 'writer.process') {
      const ends = event.rule === fault.id && (event.what === 'killed' || event.what === 'stopped');
      if (ends) for (const writer of event.writers) failed.delete(writer);
      continue;
    }
    if (event.type !== 'writer.start-failed' || event.rule !== fault.id) continue;
    const { starts, t } = failed.get(event.writer) ?? { starts: 0, t: event.start };
    const due = starts === 0 ? 0 : Math.min(longest, first * 2 ** (starts - 1));
    const waited = configTime(event.start - t + GRAIN_MS, compression);
    if (waited < due) {
      return `${event.writer}, which could not start, was started again after ${inConfigTime(event.start - t, compression)}: its crash-loop back-off was ${formatDuration(due)} by then`;
    }
    failed.set(event.writer, { starts: starts + 1, t: event.t });
  }
  return undefined;
}

/** `ingester-1, ingester-2: `, where the fault was for some of the writers alone. */
export function someOf({ fault }: Pick<EffectContext, 'fault'>): string {
  const { writers } = (fault.with ?? {}) as { writers?: readonly string[] };
  return writers ? `${listed(writers)}: ` : '';
}

/** A signal reaches a process that runs on another core a moment after it was sent. */
const GRAIN_MS = 5;
