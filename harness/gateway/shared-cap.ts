/**
 * The cap of a route: all its connections share one rate in each direction, below S3. Of several caps on a direction the lowest is
 * in force. While there is none, nothing stands between a connection and its reader.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import { CappedReading } from './capped-reading.ts';
import { CappedWriting } from './capped-writing.ts';
import { FairLane } from './fair-lane.ts';

/** As the client sees it: upstream are its requests. */
export const directions = ['upstream', 'downstream'] as const;
export type Direction = (typeof directions)[number];

/** One cap, and what it did. */
export interface Cap {
  readonly rule: string;
  readonly bytesPerSecond: number;
  readonly directions: readonly Direction[];
  /** Numbers of the connections that it was on. */
  readonly connections: Set<number>;
  /** Those that had to wait for it. */
  readonly heldBack: Set<number>;
}

const capped = { upstream: CappedReading, downstream: CappedWriting };

export class SharedCap {
  readonly #directions = new Map<Direction, CappedDirection>();
  readonly #connections = new Map<Socket, CappedConnection>();

  constructor(readonly clock: Clock) {}

  /** What its reader reads (of TLS, the decrypted connection), once he has it. */
  join(socket: Socket, connection: CappedConnection): void {
    this.#connections.set(socket, connection);
    socket.once('close', () => {
      this.#connections.delete(socket);
      for (const direction of this.#directions.values()) direction.forget(socket);
    });
    for (const direction of this.#directions.values()) direction.join(socket, connection);
  }

  add(cap: Cap): void {
    for (const name of cap.directions) {
      let direction = this.#directions.get(name);
      if (direction) {
        direction.add(cap);
        continue;
      }
      direction = new CappedDirection(capped[name], cap, this.clock);
      this.#directions.set(name, direction);
      for (const [socket, connection] of this.#connections) direction.join(socket, connection);
    }
  }

  remove(cap: Cap): void {
    for (const name of cap.directions) {
      if (this.#directions.get(name)?.remove(cap) === 0) this.#directions.delete(name);
    }
  }

  /** When those bytes of the connection came in that its reader gets at this moment. `undefined`: no cap is on them, they come now. */
  arrivalOf(socket: Socket): number | undefined {
    return this.#directions.get('upstream')?.arrivalOf(socket);
  }

  /** Bytes that have left in this direction since it has been capped, and what the slowest connection got of its share of them. */
  measured(direction: Direction): { bytes: number; slowestShare: number | undefined } {
    const lane = this.#directions.get(direction)?.lane;
    return { bytes: lane?.bytes ?? 0, slowestShare: lane?.slowestShare() };
  }
}

/** A connection of the route. */
export interface CappedConnection {
  readonly number: number;
  /** Rules whose caps have made it wait. */
  readonly heldBy: Set<string>;
}

class CappedDirection {
  readonly lane: FairLane;
  readonly #caps: Cap[];
  readonly #connections = new Map<Socket, { number: number; half: CappedReading | CappedWriting }>();

  constructor(
    readonly kind: typeof CappedReading | typeof CappedWriting,
    cap: Cap,
    clock: Clock,
  ) {
    this.#caps = [cap];
    this.lane = new FairLane(clock, cap.bytesPerSecond);
  }

  join(socket: Socket, { number, heldBy }: CappedConnection): void {
    const waits = () => {
      const { rule, heldBack } = this.#lowest;
      heldBack.add(number);
      heldBy.add(rule);
    };
    for (const cap of this.#caps) cap.connections.add(number);
    this.#connections.set(socket, { number, half: new this.kind(socket, this.lane, waits) });
  }

  arrivalOf(socket: Socket): number | undefined {
    const half = this.#connections.get(socket)?.half;
    return half instanceof CappedReading ? half.arrived : undefined;
  }

  forget(socket: Socket): void {
    this.#connections.delete(socket);
  }

  add(cap: Cap): void {
    this.#caps.push(cap);
    for (const { number } of this.#connections.values()) cap.connections.add(number);
    this.lane.rate = this.#lowest.bytesPerSecond;
  }

  /** How many caps are left. With the last one, the connections are let go. */
  remove(cap: Cap): number {
    this.#caps.splice(this.#caps.indexOf(cap), 1);
    if (this.#caps.length > 0) {
      this.lane.rate = this.#lowest.bytesPerSecond;
    } else {
      this.lane.close();
      for (const { half } of this.#connections.values()) half.release();
      this.#connections.clear();
    }
    return this.#caps.length;
  }

  get #lowest(): Cap {
    return this.#caps.reduce((lowest, cap) => (cap.bytesPerSecond < lowest.bytesPerSecond ? cap : lowest));
  }
}
