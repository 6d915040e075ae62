/** The machine that the writers run on, for the faults that are its own: how they reach it, and what the history tells of them. */
import type { WriterProcessEvent } from '../history/events.ts';
import type { WriterMachine } from '../subject/writer-machine.ts';
import type { EffectContext } from './effect.ts';
import type { Injection } from './fault.ts';

/** Two faults of one process cannot be told apart, nor healed one without the other. */
export const writersProcess = "the writers' process";

/** @throws Error where no writer of ours runs. */
export function writersMachine({ machine, id }: Pick<Injection<unknown>, 'machine' | 'id'>): WriterMachine {
  if (machine) return machine;
  throw new Error(
    `${id}: no writer of the harness runs here, and the fault acts on its machine: put it into a scenario`,
  );
}

/** For how long the process was not running, for a fault: from one of its events to the next. */
export interface Standstill {
  from: number;
  /** Absent: it never went on. */
  until?: number;
  begun: WriterProcessEvent;
  over?: WriterProcessEvent;
}

/** Each time that the fault stopped or killed the process, in order. */
export function standstills({ fault, events }: Pick<EffectContext, 'fault' | 'events'>): Standstill[] {
  const found: Standstill[] = [];
  for (const event of events) {
    if (event.type !== 'writer.process' || event.rule !== fault.id) continue;
    if (event.what === 'paused' || event.what === 'killed') found.push({ from: event.t, begun: event });
    else {
      const last = found.at(-1);
      if (last && last.until === undefined) Object.assign(last, { until: event.t, over: event });
    }
  }
  return found;
}

/** Attempts of the writers that began or ended while their process cannot have been running. */
export function attemptsMeanwhile({ attempts }: Pick<EffectContext, 'attempts'>, times: readonly Standstill[]): number {
  const within = (t: number) => times.some(({ from, until }) => t > from + GRAIN_MS && t < (until ?? t + 1));
  return attempts.filter(({ start, t }) => within(start) || within(t)).length;
}

/** A signal reaches a process that runs on another core a moment after it was sent. */
const GRAIN_MS = 5;
