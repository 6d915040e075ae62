/** For tests: a fault injected on a lease whose own server only remembers what it is told, on a clock that stands still. */
import { VirtualClock } from '../clock.ts';
import type { OwnServer } from '../environment/environment.ts';
import type { HistoryEvent } from '../history/events.ts';
import { faultNamed } from './catalogue.ts';
import type { ActiveFault } from './fault.ts';

/** What the server was asked, in words, and what it refuses once. A start takes 300 ms. */
export class ExampleServer implements OwnServer {
  readonly host = '127.0.0.1';
  readonly port = 1;
  readonly credentials = { accessKeyId: '', secretAccessKey: '' };
  readonly disk = { limited: true, bytes: 1000 } as const;
  readonly died = new Promise<string>(() => {});
  readonly asked: string[] = [];
  readonly refused = new Set<string>();
  readonly #inForce = new Set<string>();

  constructor(private readonly clock: VirtualClock) {}

  readonly pause = () => this.#ask('pause', () => this.#inForce.add('paused'));
  readonly resume = () => this.#ask('resume', () => this.#inForce.delete('paused'));
  readonly end = (how: string) => this.#ask(`end ${how}`, () => this.#inForce.add('ended'));
  readonly empty = () => this.#ask('empty', () => this.#inForce.delete('filled'));
  readonly fill = (free: number) => this.#ask(`fill ${free}`, () => this.#inForce.add('filled'));
  readonly revive = () => this.#ask('revive', () => {});
  readonly inForce = () => [...this.#inForce];

  async start(settings?: Record<string, string>): Promise<void> {
    await this.clock.sleep(300);
    await this.#ask(`start${settings ? ` ${JSON.stringify(settings)}` : ''}`, () => this.#inForce.delete('ended'));
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #ask(what: string, then: () => unknown): Promise<void> {
    this.asked.push(`${what} at ${this.clock.now()}`);
    if (this.refused.delete(what.split(' ')[0] as string)) throw new Error(`${what}: refused`);
    then();
  }
}

export interface ServerInjection {
  clock: VirtualClock;
  server: ExampleServer;
  /** What the history was told: `paused at 0`. Everything is by the fault's id, `1-` and its name. */
  told: string[];
  active: Promise<ActiveFault>;
}

/** `given`: as a timeline has it. @param refused what the server refuses, once. */
export function injectedOnServer(name: string, given: unknown, ...refused: string[]): ServerInjection {
  const clock = new VirtualClock();
  const server = new ExampleServer(clock);
  for (const one of refused) server.refused.add(one);
  const told: string[] = [];
  const id = `1-${name}`;
  const record = (event: HistoryEvent) => {
    if (event.type !== 'server' || event.rule !== id) throw new Error(`not to be recorded: ${JSON.stringify(event)}`);
    told.push(`${event.what} at ${event.t}`);
  };
  const fault = faultNamed(name);
  const lease = { name: 'lease', server } as unknown as Parameters<typeof fault.inject>[0]['lease'];
  const active = fault.inject({ lease, parameters: fault.parameters.parse(given), id, seed: 7, clock, record });
  active.catch(() => {});
  return { clock, server, told, active };
}

/** The same fault on a lease that shares its server with others. */
export function injectedWithoutServer(name: string): Promise<ActiveFault> {
  const fault = faultNamed(name);
  const lease = { name: 'lease' } as Parameters<typeof fault.inject>[0]['lease'];
  return fault.inject({
    lease,
    parameters: fault.parameters.parse(fault.example),
    id: `1-${name}`,
    seed: 7,
    clock: new VirtualClock(),
    record: () => {},
  });
}
