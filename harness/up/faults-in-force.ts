/**
 * The faults of a running path: injected and healed one after another, whoever asks, so that two that touch the same thing never
 * meet. What was healed is kept with its evidence, for whoever asks later.
 */
import type { Cancel, Clock } from '../clock.ts';
import type { Lease } from '../environment/lease.ts';
import { faultNamed } from '../faults/catalogue.ts';
import type { ActiveFault, Evidence, FaultDefinition } from '../faults/fault.ts';
import { HalfInjectedError } from '../faults/half-injected.ts';
import { ControlError } from '../process/control-server.ts';
import { Compression } from '../scenario/compression.ts';
import { inForce } from '../scenario/in-force.ts';
import type { FaultList, FaultReport, InjectRequest } from './protocol.ts';
import { writersOnly } from './writers-only.ts';

/** Healed faults that are kept. */
const MOST_KEPT = 100;
/** Nothing is compressed: the clients are not ours, and their timeouts are what they are. */
const asTheyAre = new Compression(1, 1);

/** Told what happens, in the order in which it does. */
export interface FaultObserver {
  injected(report: FaultReport): void;
  /** Healed, or not: `state` says. `byItself`: its time was over. */
  ended(report: FaultReport, byItself: boolean): void;
}

interface Held {
  id: string;
  definition: FaultDefinition;
  parameters: Record<string, unknown>;
  active?: ActiveFault;
  state: FaultReport['state'];
  since: Date;
  healsAt: Date | null;
  healedAt: Date | null;
  cancelTimer: Cancel;
  /** The last that was heard of it. */
  evidence: Evidence | null;
  error: string | null;
}

export class FaultsInForce {
  readonly #held = new Map<string, Held>();
  readonly #healed: Held[] = [];
  #count = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(
    private readonly lease: Lease,
    private readonly clock: Clock,
    private readonly observer: FaultObserver,
    private readonly definitionOf: (name: string) => FaultDefinition = faultNamed,
  ) {}

  /** Resolves when it is in force. @throws ControlError with why it is not. */
  inject(request: InjectRequest): Promise<FaultReport> {
    return this.#inTurn(() => this.#inject(request));
  }

  /** @throws ControlError when there is none of this id in force, or it cannot be healed. */
  heal(id: string): Promise<FaultReport> {
    return this.#inTurn(async () => this.#heal(this.#toHeal(id), false));
  }

  /** @throws ControlError when one of them cannot be healed; the others are all the same. */
  healAll(): Promise<FaultReport[]> {
    return this.#inTurn(async () => {
      const healed: FaultReport[] = [];
      const failures: string[] = [];
      // The last one first: each finds what it found when it was injected.
      for (const held of [...this.#held.values()].reverse()) {
        try {
          healed.push(await this.#heal(held, false));
        } catch (error) {
          failures.push((error as Error).message);
        }
      }
      if (failures.length > 0) throw this.#stillThere(failures.join('; '), await inForce(this.lease));
      return healed.reverse();
    });
  }

  async list(): Promise<FaultList> {
    return {
      inForce: await Promise.all([...this.#held.values()].map((held) => this.#report(held))),
      healed: await Promise.all(this.#healed.map((held) => this.#report(held))),
    };
  }

  /** @throws ControlError when there is none of this id. */
  async get(id: string): Promise<FaultReport> {
    return this.#report(this.#find(id));
  }

  /** Heals what is in force, and takes no more. @throws ControlError as `healAll` does. */
  close(): Promise<FaultReport[]> {
    this.#closed = true;
    return this.healAll();
  }

  async #inject({ fault, with: given, for: hold, seed }: InjectRequest): Promise<FaultReport> {
    const definition = this.definitionOf(fault);
    this.#refuseWhatCannotBe(definition);
    const id = `${++this.#count}-${fault}`;
    let active: ActiveFault | undefined;
    let parameters: Record<string, unknown>;
    let halfInjected: Error | undefined;
    try {
      parameters = definition.compress(given, asTheyAre) as Record<string, unknown>;
      active = await definition.inject({
        lease: this.lease,
        parameters,
        id,
        seed,
        clock: this.clock,
        // There is no history of an `up`: nobody judges one.
        record: () => {},
      });
    } catch (error) {
      if (!(error instanceof HalfInjectedError)) {
        const { message, remedy } = error as Error & { remedy?: string };
        throw new ControlError(502, `${fault} could not be injected: ${message}`, remedy ? { remedy } : {});
      }
      parameters = given;
      halfInjected = error;
    }
    const since = this.clock.date();
    const held: Held = {
      id,
      definition,
      parameters,
      ...(active && { active }),
      state: halfInjected ? 'half-injected' : 'in-force',
      since,
      healsAt: hold === undefined || halfInjected ? null : new Date(since.getTime() + hold),
      healedAt: null,
      cancelTimer: () => {},
      evidence: null,
      error: halfInjected?.message ?? null,
    };
    this.#held.set(id, held);
    if (halfInjected) {
      throw this.#stillThere(`${fault} could not be injected whole: ${halfInjected.message}`, [id]);
    }
    if (hold !== undefined) {
      held.cancelTimer = this.clock.after(hold, () => {
        // Whoever was quicker has healed it; that it cannot be healed, the observer is told.
        this.#inTurn(async () => held.state === 'in-force' && this.#heal(held, true)).catch(() => {});
      });
    }
    const report = await this.#report(held);
    this.observer.injected(report);
    return report;
  }

  /** @throws ControlError when the path lacks what the fault needs, or another one touches the same thing. */
  #refuseWhatCannotBe({ name, needs = [], touches }: FaultDefinition): void {
    const refuse = (message: string, remedy: string): never => {
      throw new ControlError(409, `${name} cannot be injected: ${message}`, { remedy });
    };
    if (this.#closed) refuse('the path is being taken down', 'bring it up again with: tempo-s3-chaos up');
    if (needs.includes('writers')) refuse(writersOnly.why, writersOnly.remedy);
    if (needs.includes('tls') && !this.lease.endpoint.secure) {
      refuse('it acts on TLS, and this path speaks plain HTTP', 'bring the path up with: tempo-s3-chaos up --tls');
    }
    if (needs.includes('own-server') && !this.lease.server) {
      refuse('it acts on the S3 server, and this path has none of its own', 'put it in the timeline of a scenario');
    }
    const disk = this.lease.server?.disk;
    if (needs.includes('limited-disk') && disk?.limited === false) refuse(disk.problem, disk.remedy);
    const rival = [...this.#held.values()].find((held) => touches !== undefined && held.definition.touches === touches);
    if (rival) {
      refuse(
        `${rival.id} is in force, and both decide ${touches}`,
        `heal that one first: tempo-s3-chaos heal ${rival.id}`,
      );
    }
  }

  #find(id: string): Held {
    const held = this.#held.get(id) ?? this.#healed.find((one) => one.id === id);
    if (held) return held;
    const there = [...this.#held.keys()];
    throw new ControlError(404, `there is no fault ${id}`, {
      remedy: there.length > 0 ? `in force: ${there.join(', ')}` : 'nothing is in force',
    });
  }

  #toHeal(id: string): Held {
    const held = this.#find(id);
    if (held.state === 'healed') {
      throw new ControlError(409, `${id} was healed already`, { remedy: 'nothing is to be done' });
    }
    return held;
  }

  async #heal(held: Held, byItself: boolean): Promise<FaultReport> {
    const { id, active } = held;
    held.cancelTimer();
    held.healsAt = null;
    if (!active) {
      throw this.#stillThere(`${id} was injected by half, and cannot be healed: ${held.error}`, [id]);
    }
    let left: string[] = [];
    try {
      held.evidence = await active.heal();
      this.#held.delete(id);
      // That it says so is not enough, once nothing else of ours is there that would be taken for it.
      if (this.#held.size === 0) left = await inForce(this.lease);
      if (left.length > 0) throw new Error('it says that it was healed, and something of it is still there');
      held.state = 'healed';
      held.error = null;
      held.healedAt = this.clock.date();
      this.#healed.unshift(held);
      this.#healed.splice(MOST_KEPT);
    } catch (error) {
      held.state = 'heal-failed';
      held.error = (error as Error).message;
      this.#held.set(id, held);
      if (left.length === 0) left = await inForce(this.lease);
    }
    const report = await this.#report(held);
    this.observer.ended(report, byItself);
    if (held.state === 'heal-failed') throw this.#stillThere(`${id} could not be healed: ${held.error}`, left);
    return report;
  }

  #stillThere(message: string, left: string[]): ControlError {
    return new ControlError(502, message, {
      remedy: 'try once more; if that fails too, end `up` (Ctrl-C), which takes the whole path down',
      inForce: left,
    });
  }

  async #report(held: Held): Promise<FaultReport> {
    const { id, definition, parameters, active, state, since, healsAt, healedAt } = held;
    let { error } = held;
    if (state === 'in-force' && active) {
      try {
        const evidence = await active.evidence();
        // It may have been healed in the meantime, and what that counted is the last word.
        if (held.state === 'in-force') held.evidence = evidence;
      } catch (failure) {
        if (held.state === 'in-force') error = `what it did so far cannot be asked: ${(failure as Error).message}`;
      }
    }
    return {
      id,
      fault: definition.name,
      with: parameters,
      state,
      since: since.toISOString(),
      healsAt: healsAt?.toISOString() ?? null,
      healedAt: healedAt?.toISOString() ?? null,
      evidence: error === null || state !== 'in-force' ? held.evidence : null,
      error,
    };
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }
}
