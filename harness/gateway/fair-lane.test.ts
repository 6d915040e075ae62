import { describe, expect, it } from 'vitest';
import { type Clock, VirtualClock } from '../clock.ts';
import { FairLane, type Flow } from './fair-lane.ts';

const MB = 1_000_000;

/** A flow that always has more, unless told how much. */
class TestFlow implements Flow {
  sent = 0;
  waited = 0;
  constructor(public left = Number.POSITIVE_INFINITY) {}
  get ready() {
    return this.left > 0;
  }
  send(most: number) {
    const bytes = Math.min(most, this.left);
    this.left -= bytes;
    this.sent += bytes;
    return bytes;
  }
  waits() {
    this.waited++;
  }
}

const flows = (count: number, left?: number) => Array.from({ length: count }, () => new TestFlow(left));

function start(lane: FairLane, all: Flow[]) {
  for (const flow of all) lane.enter(flow);
}

describe.each([0.1, 1, 10, 100])('%s MB/s', (megabytes) => {
  it.each([1, 4, 16, 64])('is what %s flows get together, in equal shares', async (count) => {
    const clock = new VirtualClock();
    const lane = new FairLane(clock, megabytes * MB);
    const all = flows(count);
    start(lane, all);
    await clock.advance(10_000);
    const total = all.reduce((sum, { sent }) => sum + sent, 0);
    expect(total).toBe(lane.bytes);
    expect(Math.abs(total / (megabytes * MB * 10) - 1)).toBeLessThan(0.01);
    const share = total / count;
    // The first was there alone, and has had a turn before the others came.
    const turns = 2 * Math.min(64 * 1024, Math.max(1460, megabytes * 1000));
    for (const { sent } of all) expect(Math.abs(sent - share)).toBeLessThanOrEqual(turns);
    expect(lane.slowestShare()).toBeGreaterThan(0.9);
  });
});

describe('a lane of 1 MB/s', () => {
  const quantum = 1460;

  it('begins without a burst', async () => {
    const clock = new VirtualClock();
    const lane = new FairLane(clock, MB);
    start(lane, flows(8));
    expect(lane.bytes).toBe(quantum);
    await clock.advance(5);
    expect(lane.bytes).toBeLessThanOrEqual(5 * 1000 + quantum);
  });

  it('was idle, and gives no credit for that', async () => {
    const clock = new VirtualClock();
    const lane = new FairLane(clock, MB);
    start(lane, flows(1, 10_000));
    await clock.advance(5000);
    expect(lane.bytes).toBe(10_000);
    start(lane, flows(8));
    await clock.advance(5);
    expect(lane.bytes - 10_000).toBeLessThanOrEqual(5 * 1000 + quantum);
  });

  it('was there before anybody sent, and gives no credit for that', async () => {
    const clock = new VirtualClock();
    const lane = new FairLane(clock, MB);
    await clock.advance(1000);
    // A little at first, as the head of a request, and then a lot.
    start(lane, flows(1, 100));
    start(lane, flows(4));
    await clock.advance(5);
    expect(lane.bytes).toBeLessThanOrEqual(5 * 1000 + quantum);
  });

  it('gives no more credit for many short pauses than for one', async () => {
    const clock = new VirtualClock();
    const lane = new FairLane(clock, MB);
    const flow = new TestFlow(0);
    for (let count = 0; count < 500; count++) {
      flow.left = 100;
      lane.enter(flow);
      await clock.advance(4);
    }
    const before = lane.bytes;
    expect(before).toBe(50_000);
    start(lane, flows(4));
    await clock.advance(5);
    expect(lane.bytes - before).toBeLessThanOrEqual((5 + 5) * 1000 + quantum);
  });

  it('does not take the turns of the event loop between two chunks of a flow for idleness', async () => {
    const clock = new VirtualClock();
    const lane = new FairLane(clock, MB);
    const flow = new TestFlow(0);
    // Each chunk comes 0.3 ms after the one before it has left.
    for (let count = 0; count < 1000; count++) {
      flow.left = 2000;
      lane.enter(flow);
      while (flow.ready) await clock.advance(0.1);
      await clock.advance(0.3);
    }
    expect((flow.sent / clock.now()) * 1000).toBeGreaterThan(0.98 * MB);
  });

  it('is as fast when its timers are late, and takes the time of a stalled process for no more than a quarter of a second', async () => {
    const clock = new VirtualClock();
    let lateBy = 20;
    const late: Clock = {
      ...{ now: () => clock.now(), date: () => clock.date(), sleep: (ms, signal) => clock.sleep(ms, signal) },
      after: (ms, then) => clock.after(ms + lateBy, then),
    };
    const lane = new FairLane(late, MB);
    start(lane, flows(4));
    await clock.advance(10_000);
    expect(lane.bytes).toBeGreaterThan(0.99 * 10 * MB);
    expect(lane.bytes).toBeLessThanOrEqual(10 * MB + quantum);
    const before = lane.bytes;
    lateBy = 5000;
    await clock.advance(5040);
    expect(lane.bytes - before).toBeLessThan(0.3 * MB);
    expect(lane.bytes - before).toBeGreaterThan(0.2 * MB);
  });

  it('gives the share of a flow that has little to send to the others', async () => {
    const clock = new VirtualClock();
    const lane = new FairLane(clock, MB);
    const [little, ...others] = [new TestFlow(quantum), ...flows(3)] as [TestFlow, ...TestFlow[]];
    start(lane, [little, ...others]);
    await clock.advance(3000);
    expect(little.sent).toBe(quantum);
    for (const { sent } of others) expect(sent / MB).toBeCloseTo(1, 1);
  });

  it('serves a flow that comes later in its turn, and no more than that', async () => {
    const clock = new VirtualClock();
    const lane = new FairLane(clock, MB);
    const first = new TestFlow();
    const second = new TestFlow();
    lane.enter(first);
    await clock.advance(1000);
    lane.enter(second);
    await clock.advance(1000);
    expect(first.sent / MB).toBeCloseTo(1.5, 1);
    expect(second.sent / MB).toBeCloseTo(0.5, 1);
    expect(lane.slowestShare()).toBeGreaterThan(0.95);
  });

  it('follows a change of its rate at once', async () => {
    const clock = new VirtualClock();
    const lane = new FairLane(clock, MB);
    start(lane, flows(4));
    await clock.advance(1000);
    lane.rate = 10 * MB;
    await clock.advance(1000);
    expect(lane.bytes / MB).toBeCloseTo(11, 1);
  });

  it('tells a flow that has to wait, and not one that does not', async () => {
    const clock = new VirtualClock();
    const lane = new FairLane(clock, MB);
    const free = new TestFlow(500);
    lane.enter(free);
    await clock.advance(100);
    const long = new TestFlow(5000);
    lane.enter(long);
    const behind = new TestFlow(10);
    lane.enter(behind);
    await clock.advance(100);
    expect([free.waited, free.sent, long.sent, behind.sent]).toEqual([0, 500, 5000, 10]);
    expect(long.waited).toBeGreaterThan(0);
    expect(behind.waited).toBe(1);
  });

  it('forgets a flow that left, in the middle of its turn too, and serves the others', async () => {
    const clock = new VirtualClock();
    const lane = new FairLane(clock, MB);
    const leaving = new TestFlow();
    const ended = new TestFlow();
    ended.send = (most) => {
      ended.sent += most;
      lane.leave(ended);
      return most;
    };
    const staying = new TestFlow();
    start(lane, [leaving, ended, staying]);
    lane.leave(leaving);
    await clock.advance(1000);
    expect(ended.sent).toBe(quantum);
    expect(staying.sent / MB).toBeCloseTo(1, 1);
    expect(lane.flows).toBe(1);
  });

  it('knows the slowest flow, though it has left', async () => {
    const clock = new VirtualClock();
    const lane = new FairLane(clock, MB);
    const fair = new TestFlow();
    // Takes a tenth of what it is offered.
    const slow = new TestFlow();
    slow.send = (most) => {
      slow.sent += most / 10;
      return most / 10;
    };
    start(lane, [fair, slow]);
    await clock.advance(1000);
    const share = lane.slowestShare() as number;
    expect(share).toBeCloseTo(2 / 11, 1);
    lane.leave(slow);
    expect(lane.slowestShare()).toBeCloseTo(share, 5);
  });

  it('serves nobody once it is closed', async () => {
    const clock = new VirtualClock();
    const lane = new FairLane(clock, MB);
    const flow = new TestFlow();
    lane.enter(flow);
    await clock.advance(10);
    lane.close();
    const { sent } = flow;
    await clock.advance(1000);
    expect(flow.sent).toBe(sent);
  });
});
