/** What writer-crash and power-loss share: a process that is killed, and started again. */
import { counted } from '../checkers/counted.ts';
import { formatByteSize } from '../tempo/byte-size.ts';
import type { Effect, EffectContext } from './effect.ts';
import type { ActiveFault, Injection } from './fault.ts';
import { takeBack } from './half-injected.ts';
import { inConfigTime } from './in-config.ts';
import { lasted } from './lasted.ts';
import {
  attemptsAfter,
  attemptsMeanwhile,
  failedStarts,
  processesOf,
  someOf,
  standstills,
  startedTooSoon,
  writersMachine,
} from './writers-machine.ts';

interface End {
  down?: number | undefined;
  unsyncedMs?: number;
  /** Absent: all. */
  writers?: readonly string[] | undefined;
}

/** Kills the writers' processes, and starts them again after `down` milliseconds, or when the fault is healed, whichever comes first. */
export async function endProcess(
  injection: Injection<unknown>,
  { down, unsyncedMs, writers }: End,
): Promise<ActiveFault> {
  const machine = writersMachine(injection);
  const { id, clock, patience } = injection;
  const processes = processesOf(machine, writers);
  const again = { ...(patience && { patience }), ...(processes && { processes }) };
  const killed = machine.kill(id, { ...(unsyncedMs !== undefined && { unsyncedMs }), ...(processes && { processes }) });
  // It may be dead, though what was to be found out of its disks could not be.
  await killed.catch((error) =>
    takeBack(error, async () => {
      if ((await machine.inForce()).some((name) => name.includes(id))) await machine.restart(id, again);
    }),
  );
  const since = clock.now();
  let until: number | undefined;
  let restarting: Promise<void> | undefined;
  const restart = () => {
    restarting ??= machine.restart(id, again).then(() => {
      until = clock.now();
    });
    return restarting;
  };
  const cancel = down === undefined ? () => {} : clock.after(down, () => void restart().catch(() => {}));
  const soFar = () => lasted(clock, 'downMs', since, until);
  return {
    evidence: async () => soFar(),
    async heal() {
      cancel();
      await restart();
      return soFar();
    },
  };
}

/** The effect of a process's end: for a while no attempt, and then some again. `lost`: more to be said. */
export function endEffect(context: EffectContext, lost = ''): Effect {
  const { compression } = context;
  const [gap] = standstills(context);
  if (!gap) return { seen: false, message: "the writers' process was not killed" };
  const { from, until } = gap;
  if (until === undefined) return { seen: false, message: "the writers' process was killed, and not started again" };
  const meanwhile = attemptsMeanwhile(context, [gap]);
  if (meanwhile > 0) {
    return {
      seen: false,
      message: `${counted(meanwhile, 'attempt')} began or ended while the writers were gone: they were not`,
    };
  }
  const after = attemptsAfter(context, gap);
  const tooSoon = startedTooSoon(context);
  if (tooSoon !== undefined) return { seen: false, message: tooSoon };
  const downFor = inConfigTime(until - from, compression);
  if (after === 0)
    return { seen: false, message: `the writers were gone for ${downFor}, and made no attempt after that` };
  const found = gap.over?.found ?? {};
  const live = gap.begun.found?.liveTraceBytes ?? 0;
  const inMemory = live > 0 ? `, lost ${formatByteSize(live * compression.bytes)} of live traces` : '';
  // What they found is told once they have started.
  const started = Object.keys(found).length > 0;
  const held = `${counted(found.walBlocks ?? 0, 'WAL block')} and ${counted(found.localBlocks ?? 0, 'local block')} to be flushed`;
  const note = failedStarts(context);
  const message = `${someOf(context)}the writers were gone for ${downFor}${inMemory}${lost}, and ${started ? `found ${held} when they were started again` : 'did not come to the end of their next start'}`;
  return { seen: true, message, ...(note !== undefined && { note }) };
}
