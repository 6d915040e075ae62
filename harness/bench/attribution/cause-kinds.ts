/**
 * The causes that are planted, by the side that is to blame for them. Each draws its parameters within ranges in which it really hurts: it
 * fails flushes, or makes them many times as long. `strength` is 1, or a fifth beside another cause that is the main one: a fifth of the
 * time of an outage, or of a delay; five times a bandwidth.
 *
 * A setting of the client that is too small for its load hurts only where requests take some time: such a kind has surroundings, a slower
 * path on which the usual settings get along. What the surroundings cost by themselves is measured in a run of their own.
 */
import type { Cause, Side } from '../../verdict/attribution/blame.ts';
import type { Draw } from './draw.ts';
import type { ProfileName } from './profiles.ts';

/** One entry of a timeline. Seconds of the config's time. */
export interface PlantedFault {
  at: number;
  for: number;
  fault: string;
  with?: Record<string, unknown>;
}

export interface Planted {
  set?: Record<string, string | number | boolean>;
  faults: PlantedFault[];
}

export interface CauseKind {
  name: string;
  side: Side;
  /** What of the side it may be called. For information: only sides are scored. */
  called: readonly Cause[];
  /** The profiles on which it hurts as it should; the first is the one it has alone. */
  profiles: readonly [ProfileName, ...ProfileName[]];
  plant(draw: Draw, strength: number): Planted;
  /** Of a kind of the client: what is beside its settings in the run, and whose doing that is. */
  surroundings?: { side: Side; called: readonly Cause[]; plant(draw: Draw): Planted };
}

/** One fault for so many seconds, from the begin of the timeline. */
function fromBegin(lasts: number, fault: string, parameters?: Record<string, unknown>): PlantedFault[] {
  return [{ at: 0, for: lasts, fault, ...(parameters && { with: parameters }) }];
}

/** An outage of so many seconds, from the begin of the timeline. */
function outage(fault: string, [least, most]: readonly [number, number], parameters?: Record<string, unknown>) {
  return (draw: Draw, strength: number): Planted => ({
    faults: fromBegin(seconds(draw.between('for', least, most) * strength), fault, parameters),
  });
}

/** To a tenth; no fault is shorter than what reaches a block. */
function seconds(value: number): number {
  return Math.max(1, Math.round(value * 10) / 10);
}

const any: CauseKind['profiles'] = ['small', 'large', 'busy'];
/** Every request fails on these, or waits: a busy writer would only repeat it more often. */
const quiet: CauseKind['profiles'] = ['small', 'large'];

const network: CauseKind[] = [
  {
    name: 'latency',
    side: 'network',
    called: ['latency'],
    profiles: any,
    plant: (draw, strength) => ({
      faults: fromBegin(draw.between('for', 60, 90), 'latency', {
        latency: `${seconds(draw.between('latency', 4, 9) * strength)}s`,
      }),
    }),
  },
  {
    name: 'bandwidth',
    side: 'network',
    called: ['bandwidth'],
    profiles: ['large'],
    plant: (draw, strength) => ({
      faults: fromBegin(draw.between('for', 120, 180), 'bandwidth', {
        rate: `${seconds(draw.between('rate', 2.5, 5) / strength)}MB/s`,
      }),
    }),
  },
  {
    name: 'shared-bandwidth',
    side: 'network',
    called: ['bandwidth'],
    profiles: ['large'],
    plant: (draw, strength) => ({
      faults: fromBegin(draw.between('for', 120, 180), 'shared-bandwidth', {
        rate: `${seconds(draw.between('rate', 5, 10) / strength)}MB/s`,
      }),
    }),
  },
  {
    name: 'dns-failure',
    side: 'network',
    called: ['dns'],
    profiles: quiet,
    plant: (draw, strength) =>
      outage('dns-failure', [35, 60], {
        mode: draw.pick('mode', ['servfail', 'nxdomain', 'refused', 'empty', 'silent']),
      })(draw, strength),
  },
  {
    name: 'dns-slow',
    side: 'network',
    called: ['dns'],
    profiles: any,
    plant: (draw, strength) => ({
      // Each request looks the name up: on kept connections few would.
      set: { 'policy.keepAlive': false },
      faults: fromBegin(draw.between('for', 60, 90), 'dns-slow', {
        delay: `${seconds(draw.between('delay', 2.5, 4.5) * strength)}s`,
      }),
    }),
  },
  {
    name: 'connect-hang',
    side: 'network',
    called: ['connect'],
    profiles: quiet,
    plant: outage('connect-hang', [45, 75]),
  },
  {
    name: 'connection-refused',
    side: 'network',
    called: ['connect'],
    profiles: quiet,
    plant: outage('connection-refused', [35, 60]),
  },
  {
    name: 'connection-reset',
    side: 'network',
    called: ['reset'],
    profiles: quiet,
    plant: outage('connection-reset', [35, 60]),
  },
  {
    name: 'stall',
    side: 'network',
    called: ['latency', 'bandwidth', 'reset'],
    profiles: quiet,
    plant: (draw, strength) =>
      outage('stall', [40, 90], {
        direction: draw.pick('direction', ['upstream', 'downstream']),
        bytes: draw.pick('bytes', ['dropped', 'held']),
      })(draw, strength),
  },
  {
    name: 'flapping',
    side: 'network',
    called: ['connect', 'reset'],
    profiles: quiet,
    plant: (draw, strength) => ({
      faults: fromBegin(draw.between('for', 60, 90), 'flapping', {
        down: `${seconds(draw.between('down', 6, 10) * strength)}s`,
        up: '1s',
      }),
    }),
  },
  {
    name: 'tls-handshake',
    side: 'network',
    called: ['tls'],
    profiles: ['small'],
    plant: (draw, strength) => ({
      set: { 'storage.trace.s3.insecure': false, 'policy.keepAlive': false },
      faults: fromBegin(draw.between('for', 50, 70), 'tls-handshake', {
        mode: 'slow',
        delay: `${seconds(draw.between('delay', 4, 8) * strength)}s`,
      }),
    }),
  },
];

const writes = { operations: ['writes'] };

const s3: CauseKind[] = [
  {
    name: 's3-error-slowdown',
    side: 's3',
    called: ['throttled'],
    profiles: quiet,
    plant: (draw, strength) =>
      outage('s3-error', [40, 70], {
        code: 'SlowDown',
        probability: draw.between('probability', 0.9, 1),
        ...writes,
      })(draw, strength),
  },
  {
    name: 's3-error-internal',
    side: 's3',
    called: ['error'],
    profiles: quiet,
    plant: (draw, strength) =>
      outage('s3-error', [40, 70], {
        code: 'InternalError',
        when: draw.pick('when', ['before-body', 'after-body', 'after-apply']),
        ...writes,
      })(draw, strength),
  },
  {
    name: 'slowdown-rate',
    side: 's3',
    called: ['throttled'],
    profiles: quiet,
    plant: (draw, strength) => ({
      faults: fromBegin(draw.between('for', 60, 90), 'slowdown-rate', {
        writes: Math.round((draw.between('writes', 0.6, 1.2) / strength) * 100) / 1000,
        burst: '5s',
      }),
    }),
  },
  {
    name: 'slow-first-byte',
    side: 's3',
    called: ['slow'],
    profiles: any,
    plant: (draw, strength) => ({
      faults: fromBegin(draw.between('for', 60, 90), 'slow-first-byte', {
        delay: `${seconds(draw.between('delay', 8, 20) * strength)}s`,
        ...writes,
      }),
    }),
  },
  {
    name: 'never-answer',
    side: 's3',
    called: ['silent', 'slow'],
    profiles: quiet,
    plant: (draw, strength) =>
      outage('never-answer', [60, 90], { applied: draw.pick('applied', [true, false]), ...writes })(draw, strength),
  },
  {
    name: 'server-pause',
    side: 's3',
    called: ['silent', 'slow'],
    profiles: ['small'],
    plant: outage('server-pause', [45, 75]),
  },
  {
    name: 'truncated-answer',
    side: 's3',
    called: ['error'],
    profiles: quiet,
    plant: outage('truncated-answer', [40, 60], { bytes: 20, ...writes }),
  },
  {
    name: 'lost-answer',
    side: 's3',
    called: ['error', 'silent'],
    profiles: quiet,
    plant: outage('lost-answer', [40, 60], writes),
  },
];

/** A far S3, by its latency and for so long: nothing fails, and a flush of four requests takes so many times as long. */
function slower(
  [least, most]: readonly [number, number],
  [shortest, longest]: readonly [number, number],
  set: Planted['set'] = {},
): NonNullable<CauseKind['surroundings']> {
  return {
    side: 'network',
    called: ['latency'],
    plant: (draw) => ({
      set,
      faults: fromBegin(draw.between('around for', shortest, longest), 'latency', {
        latency: `${draw.between('around latency', least, most)}s`,
      }),
    }),
  };
}

const client: CauseKind[] = [
  {
    name: 'one-connection',
    side: 'client',
    called: ['pool'],
    profiles: ['busy'],
    // Twelve flushes at once: the more are in line for it, the less it is the path's doing.
    surroundings: slower([2, 3], [110, 130], { 'ingester.concurrent_flushes': 12 }),
    plant: () => ({ set: { 'policy.maxConnections': 1 }, faults: [] }),
  },
  {
    name: 'short-deadline',
    side: 'client',
    called: ['deadline'],
    profiles: ['small'],
    surroundings: slower([3, 4], [85, 105]),
    plant: (draw) => ({ set: { 'ingester.flush_op_timeout': `${draw.between('deadline', 7, 9)}s` }, faults: [] }),
  },
  {
    name: 'one-attempt',
    side: 'client',
    called: ['attempts'],
    profiles: ['small'],
    surroundings: {
      side: 's3',
      called: ['error', 'throttled'],
      // A hiccup that the second attempt would be through after.
      plant: (draw) => ({
        faults: fromBegin(draw.between('around for', 50, 70), 's3-error', {
          code: draw.pick('code', ['InternalError', 'SlowDown', 'ServiceUnavailable']),
          key: draw.pick('key', ['data\\.parquet$', 'meta\\.json$', 'index$']),
          first: 1,
        }),
      }),
    },
    plant: () => ({ set: { 'policy.attempts': 1 }, faults: [] }),
  },
  {
    name: 'one-flush-at-a-time',
    side: 'client',
    called: ['concurrency'],
    profiles: ['busy'],
    surroundings: slower([2.5, 3.5], [130, 160]),
    plant: () => ({ set: { 'ingester.concurrent_flushes': 1 }, faults: [] }),
  },
];

const machine: CauseKind[] = [
  {
    name: 'disk-slow-rate',
    side: 'machine',
    called: ['disk', 'completing'],
    profiles: ['large'],
    plant: (draw, strength) => ({
      faults: fromBegin(draw.between('for', 120, 180), 'disk-slow', {
        rate: `${seconds(draw.between('rate', 5, 10) / strength)}MB/s`,
        operations: ['read'],
      }),
    }),
  },
  {
    name: 'disk-slow-latency',
    side: 'machine',
    called: ['disk', 'completing'],
    profiles: any,
    plant: (draw, strength) => ({
      faults: fromBegin(draw.between('for', 60, 90), 'disk-slow', {
        latency: `${seconds(draw.between('latency', 6, 15) * strength)}s`,
        operations: ['read'],
      }),
    }),
  },
  {
    name: 'disk-error',
    side: 'machine',
    called: ['disk'],
    profiles: quiet,
    plant: (draw, strength) =>
      outage('disk-error', [40, 60], { operations: ['read'], path: 'data\\.parquet$' })(draw, strength),
  },
  {
    name: 'writer-pause',
    side: 'machine',
    called: ['cpu'],
    profiles: ['small'],
    plant: (draw, strength) => ({
      faults: fromBegin(draw.between('for', 70, 100), 'writer-pause', {
        stop: `${seconds(draw.between('stop', 12, 20) * strength)}s`,
        run: `${draw.between('run', 0.8, 1.5)}s`,
      }),
    }),
  },
];

/** All, by side: the order in which they are taken in turn. */
export const causeKinds: Readonly<Record<Side, readonly CauseKind[]>> = { client, network, s3, machine };
