/**
 * One direction of a capped wire: many flows, one rate, shared fairly.
 *
 * 1. A flow that has bytes to send enters the ring. The ring is served round-robin, a quantum of bytes each, so that shares are
 *    equal whatever the flows hold.
 * 2. Each quantum takes its time at the rate: the next one goes when that time is over. Quanta whose time has come while the
 *    process was busy go at once, so that lateness does not lower the rate.
 * 3. Time in which nobody had anything to send is no credit, but for some milliseconds: it is not made up for in a burst.
 *
 * What each flow was due is known from a virtual time that advances, with each byte, by the share of one flow of those in the ring.
 */
import type { Cancel, Clock } from '../clock.ts';

/** Bytes of one TCP segment: less at a time would cost more than it shares. */
const SMALLEST_QUANTUM = 1460;
/** What Node reads at once: more would be cut into pieces of that size anyway. */
const LARGEST_QUANTUM = 64 * 1024;
/** Milliseconds that a quantum takes, between these two: about what a timer can tell apart. */
const QUANTUM_MS = 1;
/** Milliseconds. A flow's next bytes come from the kernel some turns of the event loop after its last: that is no idleness. */
const IDLE_MS = 5;
/** Milliseconds. Behind by more than this, it is the machine that cannot keep the rate, and no burst is due for it. */
const MOST_BEHIND_MS = 250;
/** Milliseconds of the whole lane that its flows hold ready together: some turns of the event loop, so that it need not run dry. */
const HELD_MS = 5;
/** Bytes that a flow holds: what Node reads at once at least, and no more than is kept of any connection. */
const LEAST_HELD = 64 * 1024;
const MOST_HELD = 512 * 1024;
/** Flows that were due less than so many quanta are no measure of fairness. */
const MEASURED_QUANTA = 8;

/** What has bytes to send. */
export interface Flow {
  /** Sends up to so many bytes, and tells how many. Called when it is ready alone. */
  send(most: number): number;
  /** It has bytes, and they would be taken. */
  readonly ready: boolean;
  /** Called when its bytes have to wait for the lane. */
  waits(): void;
}

interface Place {
  inRing: boolean;
  /** The virtual time at which it entered. */
  entered: number;
  due: number;
  sent: number;
}

export class FairLane {
  /** Bytes that have left. */
  bytes = 0;
  readonly #clock: Clock;
  readonly #places = new Map<Flow, Place>();
  #ring: Flow[] = [];
  #rate: number;
  #quantum = 0;
  /** When the next quantum may go, on the clock. In the past: the lane is behind, and catches up. */
  #next: number;
  /** Of how far it is behind, the milliseconds in which nobody had anything to send. */
  #unused = 0;
  /** Absent while the ring has flows. */
  #idleSince: number | undefined;
  #virtual = 0;
  #serving = false;
  #cancel: Cancel | undefined;
  #slowestLeft: number | undefined;

  /** @param rate bytes per second, over 0. */
  constructor(clock: Clock, rate: number) {
    this.#clock = clock;
    this.#next = clock.now();
    this.#idleSince = this.#next;
    this.#rate = rate;
    this.rate = rate;
  }

  get rate(): number {
    return this.#rate;
  }

  /** From now on. What is on its way keeps the time that it was given. */
  set rate(rate: number) {
    this.#rate = rate;
    this.#quantum = Math.round(Math.min(LARGEST_QUANTUM, Math.max(SMALLEST_QUANTUM, (rate / 1000) * QUANTUM_MS)));
  }

  /** Flows that have sent, or wanted to, and have not left. */
  get flows(): number {
    return this.#places.size;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Bytes that each flow may hold ready. */
  get holdable(): number {
    const share = ((this.#rate / 1000) * HELD_MS) / Math.max(1, this.#places.size);
    return Math.min(MOST_HELD, Math.max(LEAST_HELD, share));
  }

  /** The flow is ready: it is served when its turn comes, now if the lane is free. */
  enter(flow: Flow): void {
    const place = this.#placeOf(flow);
    if (place.inRing) return;
    const now = this.#clock.now();
    this.#idleUntil(now);
    place.inRing = true;
    place.entered = this.#virtual;
    this.#ring.push(flow);
    if (this.#ring.length > 1 || this.#next > now) flow.waits();
    this.#serve();
  }

  /** The flow is gone, and what it held with it. */
  leave(flow: Flow): void {
    const place = this.#places.get(flow);
    if (!place) return;
    if (place.inRing) {
      this.#ring.splice(this.#ring.indexOf(flow), 1);
      this.#outOfRing(place);
      this.#idleIfEmpty();
    }
    this.#places.delete(flow);
    const share = this.#shareOf(place);
    if (share !== undefined) this.#slowestLeft = Math.min(share, this.#slowestLeft ?? share);
  }

  /** What the slowest flow got of its share while it had bytes to send; `undefined` while none has been due enough to tell. */
  slowestShare(): number | undefined {
    const shares = [...this.#places.values()].map((place) => this.#shareOf(place)).concat(this.#slowestLeft);
    const known = shares.filter((share) => share !== undefined);
    return known.length > 0 ? Math.min(...known) : undefined;
  }

  close(): void {
    this.#cancel?.();
    this.#ring = [];
    this.#places.clear();
  }

  #placeOf(flow: Flow): Place {
    let place = this.#places.get(flow);
    if (!place) {
      place = { inRing: false, entered: 0, due: 0, sent: 0 };
      this.#places.set(flow, place);
    }
    return place;
  }

  #serve(): void {
    // A flow that sends may make another one ready, or itself: it joins the ring that is being served.
    if (this.#serving) return;
    this.#serving = true;
    this.#cancel?.();
    this.#cancel = undefined;
    const now = this.#clock.now();
    this.#next = Math.max(this.#next, now - MOST_BEHIND_MS);
    while (this.#next <= now) {
      const flow = this.#ring[0];
      if (!flow) break;
      this.#serveOne(flow, now);
    }
    this.#serving = false;
    this.#unused = Math.min(this.#unused, Math.max(0, now - this.#next));
    if (this.#ring.length > 0) {
      this.#cancel = this.#clock.after(this.#next - now, () => this.#serve());
    } else {
      this.#idleIfEmpty();
    }
  }

  #serveOne(flow: Flow, now: number): void {
    const sharing = this.#ring.length;
    const sent = flow.send(this.#quantum);
    this.bytes += sent;
    this.#next += (sent / this.#rate) * 1000;
    this.#virtual += sent / sharing;
    const place = this.#places.get(flow);
    // It may have left while it sent.
    if (!place) return;
    place.sent += sent;
    this.#ring.shift();
    if (flow.ready) {
      this.#ring.push(flow);
      if (this.#next > now) flow.waits();
    } else {
      this.#outOfRing(place);
    }
  }

  #outOfRing(place: Place): void {
    place.inRing = false;
    place.due += this.#virtual - place.entered;
  }

  /** The ring was empty until now. */
  #idleUntil(now: number): void {
    if (this.#idleSince === undefined) return;
    const idle = Math.max(0, now - Math.max(this.#idleSince, this.#next));
    this.#idleSince = undefined;
    if (idle > IDLE_MS) {
      this.#next = now;
      this.#unused = 0;
      return;
    }
    // Many short pauses are no more credit than one.
    const unused = Math.min(IDLE_MS, this.#unused + idle);
    this.#next += this.#unused + idle - unused;
    this.#unused = unused;
  }

  #idleIfEmpty(): void {
    if (this.#ring.length > 0) return;
    this.#idleSince ??= this.#clock.now();
    this.#cancel?.();
  }

  #shareOf(place: Place): number | undefined {
    const due = place.due + (place.inRing ? this.#virtual - place.entered : 0);
    return due >= MEASURED_QUANTA * this.#quantum ? place.sent / due : undefined;
  }
}
