import { z } from 'zod';
import { counted } from '../checkers/counted.ts';
import type { EffectEvent } from './effect.ts';
import { defineFault } from './fault.ts';
import { inConfigTime } from './in-config.ts';
import { positiveDuration } from './parameters.ts';
import {
  attemptsMeanwhile,
  processesOf,
  processesOfWriters,
  type Standstill,
  someOf,
  standstills,
  writersMachine,
  writersProcess,
} from './writers-machine.ts';

/** Of the time of the pauses: what the writers' own event loop did not stand still for was no pause. */
const DUE = 0.8;

/** The process that the writers run in is stopped. */
export const writerPause = defineFault({
  name: 'writer-pause',
  about: "The writers' process stands still: a throttled CPU, a long garbage collection, a machine that is moved.",
  details: [
    'Each process that writers run in, or those of `writers`, is stopped (SIGSTOP) and let go on (SIGCONT): for all of the time, or with `stop` and `run` in turn, ' +
      'as the kernel does with a container that has used up its share of CPU. Connections stay open meanwhile, and the kernel takes in what ' +
      'it gets for them.',
    'Time goes on: a deadline or a timeout that has passed in the meantime ends what it was set for as soon as the process goes on, before ' +
      'an answer that has long been there is read. That is so in Go too, if not to the microsecond.',
    'Its evidence: how many times it was stopped, and for how long. Its effect: no attempt began or ended while it was, and the event loop of ' +
      'the process itself was blocked for that long. That lateness is the fault, and excuses no budget.',
    'Limits: writers of one process (`load.processes`) are stopped together.',
  ].join('\n\n'),
  place: 'machine',
  parameters: z
    .strictObject({
      stop: positiveDuration()
        .optional()
        .describe('stopped for so long, then running for run, in turn; absent: stopped all the time'),
      run: positiveDuration().optional().describe('how long it runs between two stops'),
      writers: processesOfWriters(),
    })
    .refine(({ stop, run }) => (stop === undefined) === (run === undefined), 'expected both stop and run, or neither'),
  example: {},
  demonstrations: [
    {
      about:
        'The writers stand still for forty seconds, and catch up: less than any timeout, so that nothing is sent twice.',
      compression: { time: 30, bytes: 100 },
      load: { rate: '20MB/s', blocks: 3 },
      timeline: [{ at: '10s', for: '40s' }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
    {
      about: 'The writers have a quarter of a CPU for a minute: they run for one second of four.',
      compression: { time: 30, bytes: 100 },
      load: { rate: '20MB/s', blocks: 3 },
      timeline: [{ at: '5s', for: '1m', with: { stop: '3s', run: '1s' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
  ],
  needs: ['writers'],
  touches: writersProcess,
  compress: ({ stop, run, writers }, compression) => ({
    ...(stop !== undefined && { stop: compression.duration(stop, 'stop') }),
    ...(run !== undefined && { run: compression.duration(run, 'run') }),
    ...(writers && { writers }),
  }),
  async inject(injection) {
    const machine = writersMachine(injection);
    const { id, clock, parameters } = injection;
    const { stop, run, writers } = parameters;
    const processes = processesOf(machine, writers);
    let pauses = 0;
    let pausedMs = 0;
    let since: number | undefined;
    const pause = async () => {
      await machine.pause(id, processes);
      since = clock.now();
      pauses++;
    };
    const resume = async () => {
      if (since === undefined) return;
      await machine.resume(id, processes);
      pausedMs += clock.now() - since;
      since = undefined;
    };
    await pause();
    const over = new AbortController();
    const inTurn = async () => {
      while (stop !== undefined && run !== undefined) {
        await clock.sleep(stop, over.signal);
        await resume();
        await clock.sleep(run, over.signal);
        await pause();
      }
    };
    let failure: Error | undefined;
    const turns = inTurn().catch((error) => {
      if (!over.signal.aborted) failure = error;
    });
    const evidence = () => ({
      fired: pauses,
      unit: 'times' as const,
      measured: { pausedMs: Math.round(pausedMs + (since === undefined ? 0 : clock.now() - since)) },
    });
    return {
      evidence: async () => evidence(),
      async heal() {
        over.abort(new Error('healed'));
        await turns;
        await resume();
        if (failure) throw failure;
        return evidence();
      },
    };
  },
  effect(context) {
    const { events, compression } = context;
    const pauses = standstills(context).filter(({ until }) => until !== undefined);
    if (pauses.length === 0) return { seen: false, message: "the writers' process was not stopped, or never went on" };
    const paused = pauses.reduce((sum, { from, until = from }) => sum + until - from, 0);
    const meanwhile = attemptsMeanwhile(context, pauses);
    if (meanwhile > 0) {
      return {
        seen: false,
        message: `${counted(meanwhile, 'attempt')} began or ended while the writers were stopped: they were not`,
      };
    }
    const still = leastStill(events, pauses);
    const found = `${someOf(context)}their event loop stood still for ${inConfigTime(still, compression)} of ${inConfigTime(paused, compression)}, and no attempt began or ended meanwhile`;
    return { seen: still >= paused * DUE, message: found };
  },
});

/** How long the event loop stood still, as the writers that were stopped tell it: the least of them. */
function leastStill(events: readonly EffectEvent[], pauses: readonly Standstill[]): number {
  const still = new Map<string, number>();
  for (const { writers } of pauses.map(({ begun }) => begun)) for (const writer of writers) still.set(writer, 0);
  for (const event of events) {
    if (event.type !== 'lateness' || event.process !== 'subject' || event.writer === undefined) continue;
    const before = still.get(event.writer);
    if (before !== undefined) still.set(event.writer, before + event.totalMs);
  }
  return Math.min(...still.values());
}
