/** A writer in virtual time with the settings that Tempo has by default, for the tests of this room. */
import { VirtualClock } from '../clock.ts';
import type { HistoryEvent } from '../history/events.ts';
import { Random } from '../random.ts';
import { tempoDefaults } from '../tempo/defaults.ts';
import type { BlockSettings, FlushSettings } from '../tempo/settings.ts';
import { type StartedBlockWriter, startBlockWriter, type WriterPlan } from './block-writer.ts';
import { MemoryDisk } from './memory-disk.ts';
import { MemoryObjectStore, type Put, type PutScript } from './memory-object-store.ts';

export const second = 1000;
export const minute = 60 * second;
export const MiB = 1024 * 1024;

const { policy, blocks } = tempoDefaults();
export const tempoFlush: FlushSettings = policy;
export const tempoBlocks: BlockSettings = blocks;

export interface Example {
  clock: VirtualClock;
  disk: MemoryDisk;
  store: MemoryObjectStore;
  writer: StartedBlockWriter;
  history: HistoryEvent[];
  /** The events of one type, in order. */
  events<Type extends HistoryEvent['type']>(type: Type): Extract<HistoryEvent, { type: Type }>[];
}

export interface ExamplePlan {
  seed?: number;
  writer?: string;
  blocks?: Partial<WriterPlan['blocks']>;
  flush?: Partial<FlushSettings>;
  load?: Partial<WriterPlan['load']>;
  prefix?: string;
  script?: (put: Put, name: string) => PutScript;
  capacity?: number;
  /** What a writer before has left. */
  disk?: MemoryDisk;
  unreachable?: Error;
}

/**
 * 20 MiB/s, blocks of 500 MiB or 30 minutes, flushes of 5 minutes. The sweeps, each 10 s, find the traces of all but the last 5 pushes,
 * 1 s apart, idle: the first page has 100 MiB, each later one 200. So blocks of 500, 600, 600, ... MiB are cut at 30, 60, 90, ... s.
 * Of the last block nothing is pushed once it would be full: it has 500 MiB.
 */
export function startExample(plan: ExamplePlan = {}): Example {
  const clock = new VirtualClock();
  const disk = plan.disk ?? new MemoryDisk(plan.capacity);
  const script = plan.script;
  const store = new MemoryObjectStore(
    clock,
    script && ((put) => script(put, put.key.slice(put.key.lastIndexOf('/') + 1))),
  );
  store.unreachable = plan.unreachable;
  const history: HistoryEvent[] = [];
  const writer = startBlockWriter(
    {
      writer: plan.writer ?? 'ingester-0',
      tenant: 'single-tenant',
      prefix: plan.prefix ?? '',
      blocks: { ...tempoBlocks, ...plan.blocks },
      flush: { ...tempoFlush, ...plan.flush },
      load: { bytesPerSecond: 20 * MiB, blocks: 1, begun: 0, startAfter: 0, ...plan.load },
    },
    { clock, disk, store, random: new Random(plan.seed ?? 1), record: (event) => history.push(event) },
  );
  return {
    clock,
    disk,
    store,
    writer,
    history,
    events: <Type extends HistoryEvent['type']>(type: Type) =>
      history.filter((event): event is Extract<HistoryEvent, { type: Type }> => event.type === type),
  };
}
