import { z } from 'zod';
import { counted } from '../checkers/counted.ts';
import { defineFault } from './fault.ts';
import { inConfigTime } from './in-config.ts';
import { positiveDuration } from './parameters.ts';
import {
  attemptsAfter,
  attemptsMeanwhile,
  failedStarts,
  processesOf,
  processesOfWriters,
  someOf,
  standstills,
  startedTooSoon,
  writersMachine,
  writersProcess,
} from './writers-machine.ts';

/** `terminationGracePeriodSeconds` of the ingesters in the Helm chart tempo-distributed. */
const GRACE_MS = 300_000;
const DOWN_MS = 10_000;
const PAUSE_MS = 10_000;

/** One process of the writers after another is stopped as Tempo is, and started again. */
export const rollingRestart = defineFault({
  name: 'rolling-restart',
  about: 'One process of the writers after another is stopped gracefully and started again, as a rollout does.',
  details: [
    'From the injection on, the processes that the writers run in (`load.processes`), or those of `writers`, are restarted one after another, ' +
      'in their order: each is asked to stop, is given `grace` for it, is down for `down`, and is started again on the same disks; `pause` after ' +
      'that comes the next one. A rollout that is not through when the fault is healed ends there: what is down then is started at once.',
    'What Tempo does when it is asked to stop (v2.9.5), and so the writer here: it takes nothing more in, and cuts its live traces to the WAL. ' +
      'With `flush_all_on_shutdown` it then cuts, completes and flushes every block. Without it, which is the default, all that was not flushed ' +
      'stays on the disk, and is queued again at the start. So neither loses anything, unless the disk is gone, or `grace` is over before the flush ' +
      'is: an ingester whose disk does not outlive it needs `flush_all_on_shutdown`, and a grace period to match.',
    'A writer that S3 does not let start is started again as a kubelet does, see `writer-crash`; and the next process is not stopped before it ' +
      'runs, as a StatefulSet waits for a pod to be ready. So a rollout during an outage stands still.',
    'Its evidence: processes that were stopped and started again. Its effect: none of the writers of a process made an attempt while that was down, ' +
      'each made one after it, and all processes had their turn, as far as S3 let them start.',
    'Limits: at the end of `grace` a writer gives up what it is doing, and the process ends in order, where Kubernetes would kill it. What senders ' +
      'would send to the other ingesters meanwhile is not sent: the load of a writer that is down is less.',
  ].join('\n\n'),
  place: 'machine',
  parameters: z.strictObject({
    down: positiveDuration().default(DOWN_MS).describe('how long each is down'),
    pause: positiveDuration().default(PAUSE_MS).describe('from the start of one until the next is stopped'),
    grace: positiveDuration().default(GRACE_MS).describe('how long each may take to stop'),
    writers: processesOfWriters(),
  }),
  example: { down: '10s', pause: '20s' },
  demonstrations: [
    {
      about: 'Two ingesters are rolled out while they write: their WAL outlives each restart, and nothing is lost.',
      compression: { time: 30, bytes: 100 },
      load: { writers: 2, processes: 2, rate: '10MB/s', blocks: 4 },
      timeline: [{ at: '10s', for: '4m', with: { down: '5s', pause: '5s' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
    {
      about: 'The same with flush_all_on_shutdown: each flushes all it has before it ends, in blocks cut short.',
      compression: { time: 30, bytes: 100 },
      load: { writers: 2, processes: 2, rate: '10MB/s', blocks: 4 },
      set: { 'ingester.flush_all_on_shutdown': true },
      timeline: [{ at: '10s', for: '4m', with: { down: '5s', pause: '5s' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
  ],
  needs: ['writers'],
  touches: writersProcess,
  compress: ({ down, pause, grace, writers }, compression) => ({
    down: compression.duration(down, 'down'),
    pause: compression.duration(pause, 'pause'),
    grace: compression.duration(grace, 'grace'),
    ...(writers && { writers }),
  }),
  async inject(injection) {
    const machine = writersMachine(injection);
    const { id, clock, parameters, patience } = injection;
    const { down, pause, grace, writers } = parameters;
    const processes = processesOf(machine, writers) ?? machine.processes.map((_, index) => index);
    const ended = new AbortController();
    /** Sleeps, or not, when the fault is being healed. */
    const sleep = (ms: number) => clock.sleep(ms, ended.signal).catch(() => {});
    let restarted = 0;
    let downMs = 0;
    const rollout = async () => {
      for (const [turn, number] of processes.entries()) {
        if (turn > 0) await sleep(pause);
        if (ended.signal.aborted) return;
        let failure: Error | undefined;
        await machine.stopGracefully(id, grace, [number]).catch((error: Error) => {
          failure = error;
        });
        const since = clock.now();
        if (!failure) await sleep(down);
        // One that did not stop in order is gone all the same, unless it was not there to be stopped.
        await machine.restart(id, { processes: [number], ...(patience && { patience }) }).catch((error) => {
          throw failure ?? error;
        });
        if (failure) throw failure;
        downMs += clock.now() - since;
        restarted++;
      }
    };
    let failure: Error | undefined;
    const through = rollout().catch((error) => {
      failure = error;
    });
    const evidence = () => ({
      fired: restarted,
      unit: 'times' as const,
      measured: { processes: processes.length, downMs: Math.round(downMs) },
    });
    return {
      evidence: async () => evidence(),
      async heal() {
        ended.abort(new Error('healed'));
        await through;
        if (failure) throw failure;
        return evidence();
      },
    };
  },
  effect(context) {
    const { compression, end } = context;
    const turns = standstills(context);
    if (turns.length === 0) return { seen: false, message: "none of the writers' processes was stopped" };
    const away = turns.filter(({ until }) => until === undefined);
    if (away.length > 0) {
      const names = away.flatMap(({ begun }) => begun.writers).join(', ');
      return { seen: false, message: `${names}: stopped, and not started again` };
    }
    const meanwhile = attemptsMeanwhile(context, turns);
    if (meanwhile > 0) {
      return {
        seen: false,
        message: `${counted(meanwhile, 'attempt')} began or ended while their writers were stopped: they were not`,
      };
    }
    const silent = turns.filter((turn) => attemptsAfter(context, turn) === 0);
    if (silent.length > 0) {
      const names = silent.flatMap(({ begun }) => begun.writers).join(', ');
      return { seen: false, message: `${names}: stopped, and made no attempt after that` };
    }
    const tooSoon = startedTooSoon(context);
    if (tooSoon !== undefined) return { seen: false, message: tooSoon };
    const due = Number(end.evidence?.processes ?? 0);
    const note = failedStarts(context);
    // The next one is not stopped before the one before it runs: where S3 does not let that start, the rollout stands still.
    if (turns.length < due && note === undefined) {
      return {
        seen: false,
        message: `${turns.length} of ${counted(due, 'process')} had been restarted when it was healed: a longer \`for\` is needed`,
      };
    }
    const longest = Math.max(...turns.map(({ from, until = from }) => until - from));
    const held = turns.reduce(
      (sum, { over }) => sum + (over?.found?.walBlocks ?? 0) + (over?.found?.localBlocks ?? 0),
      0,
    );
    const all = turns.length < due ? `${turns.length} of ${counted(due, 'process')}` : counted(turns.length, 'process');
    const message = `${someOf(context)}${all} restarted one after another, each down for ${inConfigTime(longest, compression)} at most, with ${counted(held, 'block')} to be completed or flushed found at their starts`;
    return { seen: true, message, ...(note !== undefined && { note }) };
  },
});
