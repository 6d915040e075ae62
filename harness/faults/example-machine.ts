/** For tests: a machine of three processes that only remembers what it is told, and a fault injected on it. */
import { VirtualClock } from '../clock.ts';
import type { HistoryEvent } from '../history/events.ts';
import type { DiskFault, WriterMachine } from '../subject/writer-machine.ts';
import { faultNamed } from './catalogue.ts';
import type { ActiveFault } from './fault.ts';

export interface OnMachine {
  clock: VirtualClock;
  /** What the machine was told, in order, with when. */
  calls: [t: number, call: string][];
  diskFaults: DiskFault[];
  active: ActiveFault;
}

/**
 * `with`: as a timeline has it. The fault's id is `1-` and its name, the seed is 7. `fails`: the call that does not succeed. `takes`:
 * milliseconds that each call takes. `calls`: where they are written down, for a fault that is not injected in the end.
 */
export async function injectedOnMachine(
  name: string,
  given: unknown,
  { fails, takes = 0, calls = [] }: { fails?: string; takes?: number; calls?: OnMachine['calls'] } = {},
): Promise<OnMachine> {
  const clock = new VirtualClock();
  const diskFaults: DiskFault[] = [];
  const evidence = { considered: 5, fired: 3, waitedMs: 12.4 };
  const inForce = new Set<string>();
  const told = async (call: string) => {
    calls.push([clock.now(), call]);
    if (takes > 0) await clock.sleep(takes);
    if (call.startsWith(fails ?? 'nothing')) throw new Error(`cannot ${call}`);
  };
  const of = (processes: readonly number[] | undefined) => (processes ? ` of ${processes.join(' and ')}` : '');
  const machine: WriterMachine = {
    processes: [['ingester-0', 'ingester-1'], ['ingester-2'], ['ingester-3', 'ingester-4']],
    async addDiskFault(fault) {
      diskFaults.push(fault);
      await told(`add ${fault.rule}`);
    },
    diskFaultEvidence: async () => evidence,
    async removeDiskFault(rule) {
      await told(`remove ${rule}`);
      return evidence;
    },
    pause: (rule, processes) => told(`pause ${rule}${of(processes)}`),
    resume: (rule, processes) => told(`resume ${rule}${of(processes)}`),
    async kill(rule, { unsyncedMs, processes } = {}) {
      inForce.add(`writers killed by ${rule}`);
      await told(`kill ${rule}${unsyncedMs === undefined ? '' : ` ${unsyncedMs}`}${of(processes)}`);
    },
    async stopGracefully(rule, patience, processes) {
      inForce.add(`writers stopped by ${rule}`);
      await told(`stop ${rule} ${patience}${of(processes)}`);
    },
    async restart(rule, { processes } = {}) {
      await told(`restart ${rule}${of(processes)}`);
      inForce.clear();
    },
    inForce: async () => [...inForce],
  };
  const fault = faultNamed(name);
  const injecting = fault.inject({
    machine,
    clock,
    record: (_event: HistoryEvent) => {},
    patience: new AbortController().signal,
    parameters: fault.parameters.parse(given),
    id: `1-${name}`,
    seed: 7,
  } as unknown as Parameters<typeof fault.inject>[0]);
  const active = await clock.run(injecting);
  return { clock, calls, diskFaults, active };
}
