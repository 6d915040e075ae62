/** The rule `shared-bandwidth`: one cap for all connections of the route, those that are open already included. */
import type { Clock } from '../clock.ts';
import { ControlError } from '../process/control-server.ts';
import type { RuleEvidence, SharedBandwidthRule } from './protocol.ts';
import { directions, type SharedCap } from './shared-cap.ts';
import type { InstalledWireRule } from './wire-rules.ts';

/** Fired: the connections that had to wait for it. */
export function sharedBandwidth(
  { rule, bytesPerSecond, direction }: SharedBandwidthRule,
  sharedCap: SharedCap,
  clock: Clock,
): InstalledWireRule {
  if (!(Number.isFinite(bytesPerSecond) && bytesPerSecond > 0)) {
    throw new ControlError(400, `rule ${rule}: bytesPerSecond is ${bytesPerSecond}: a number over 0`);
  }
  if (direction !== 'both' && !directions.includes(direction)) {
    throw new ControlError(400, `rule ${rule}: direction is ${direction}: upstream, downstream or both`);
  }
  const cap = {
    rule,
    bytesPerSecond,
    directions: direction === 'both' ? directions : [direction],
    connections: new Set<number>(),
    heldBack: new Set<number>(),
  };
  const since = clock.now();
  const before = Object.fromEntries(cap.directions.map((name) => [name, sharedCap.measured(name).bytes]));
  sharedCap.add(cap);

  const evidence = (): RuleEvidence => {
    const seconds = (clock.now() - since) / 1000;
    const measured: Record<string, number> = { bytesPerSecond, seconds };
    const shares: number[] = [];
    for (const name of cap.directions) {
      const { bytes, slowestShare } = sharedCap.measured(name);
      measured[`${name}Bytes`] = bytes - (before[name] ?? 0);
      if (slowestShare !== undefined) shares.push(slowestShare);
    }
    if (shares.length > 0) measured.slowestShare = Math.min(...shares);
    return { considered: cap.connections.size, fired: cap.heldBack.size, measured };
  };
  return {
    evidence,
    remove() {
      const last = evidence();
      sharedCap.remove(cap);
      return last;
    },
  };
}
