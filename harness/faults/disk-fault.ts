/** What the faults of the local disks share: how they are put on the machine, and how their effect is read off the history. */
import { z } from 'zod';
import type { DiskEvent } from '../history/events.ts';
import { type DiskFault, type DiskFaultEvidence, diskOperations } from '../subject/writer-machine.ts';
import { noneDrawn } from './chance.ts';
import type { EffectContext } from './effect.ts';
import type { ActiveFault, Evidence, Injection } from './fault.ts';
import { writersMachine } from './writers-machine.ts';

/** Which operations of the disk a fault is about. */
export const operationsOfDisk = () =>
  z
    .array(z.enum(diskOperations))
    .nonempty()
    .default([...diskOperations] as ['write', 'read'])
    .describe('write: the WAL and local blocks; read: completing blocks, and the bodies of uploads; absent: both');

export async function injectDiskFault(injection: Injection<unknown>, fault: DiskFault): Promise<ActiveFault> {
  const machine = writersMachine(injection);
  await machine.addDiskFault(fault);
  return {
    evidence: async () => evidenceOf(await machine.diskFaultEvidence(fault.rule)),
    heal: async () => evidenceOf(await machine.removeDiskFault(fault.rule)),
  };
}

function evidenceOf({ considered, fired, waitedMs }: DiskFaultEvidence): Evidence {
  return { fired, unit: 'disk operations', measured: { considered, waitedMs: Math.round(waitedMs) } };
}

/** The operations on which the fault acted, as the writers' disks told of them. */
export function actedOn({ fault, events }: Pick<EffectContext, 'fault' | 'events'>): DiskEvent[] {
  return events.filter((event): event is DiskEvent => event.type === 'disk' && event.rule === fault.id);
}

/** Of a fault that acted on nothing: what would have been needed. */
export function nothingActedOn({ fault, end }: Pick<EffectContext, 'fault' | 'end'>, what: string): string {
  const { probability = 1 } = fault.with as { probability?: number };
  const considered = Number(end.evidence?.considered ?? 0);
  return considered === 0
    ? 'no disk operation that it is about began while it was in force: it needs blocks that are cut or flushed in that time'
    : `${considered} disk operations that it is about began while it was in force, and none ${what}${noneDrawn(probability, considered, 'disk operation')}`;
}
