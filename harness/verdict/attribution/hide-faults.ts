/**
 * A history as it would be had nobody known which faults were injected: what is left is what an outside observer could have recorded at the
 * client, on the way, and at S3. Blame must be the same with and without.
 */
import type { HistoryEvent } from '../../history/events.ts';

/** The event without what the injection of faults left in it; `undefined` when nothing else is in it. */
function hideFault(event: HistoryEvent): HistoryEvent | undefined {
  switch (event.type) {
    case 'fault.start':
    case 'fault.end':
    // Of a server that was touched, and of a process that was stopped for a while, only the injector tells.
    case 'server':
      return undefined;
    case 'writer.process':
      return event.what === 'paused' || event.what === 'resumed' ? undefined : { ...event, rule: '' };
    case 'writer.start-failed':
      // What watches over a process tells of it too.
      return { ...event, rule: '' };
    case 'edge': {
      const { rule: _rule, judged: _judged, heldMs: _held, flipped: _flipped, ...seen } = event;
      // Seen from outside, S3's side ended the connection, whoever there did.
      return seen.cut === 'rule' ? { ...seen, cut: 'upstream' } : seen;
    }
    case 'wire':
    case 'tls.handshake':
    case 'dns.query': {
      const { rule: _rule, ...seen } = event;
      return seen;
    }
    case 'disk': {
      // One that did not fail is in a history only because a fault acted on it.
      if (event.error === undefined) return undefined;
      const { rule: _rule, ...seen } = event;
      return seen;
    }
    case 'probe':
      return { ...event, inForce: [] };
    case 'scenario':
      return { ...event, name: 'hidden', command: '', scenario: withoutTimeline(event.scenario) };
    default:
      return event;
  }
}

/** The history without what the injection of faults left in it. */
export function hideFaults(events: Iterable<HistoryEvent>): HistoryEvent[] {
  return [...events].map(hideFault).filter((event) => event !== undefined);
}

/** What is expected stays: it is what a judge judges by. */
function withoutTimeline(scenario: unknown): unknown {
  if (typeof scenario !== 'object' || scenario === null) return scenario;
  const { cause: _cause, ...expect } = (scenario as { expect?: { cause?: unknown } }).expect ?? {};
  return { ...scenario, name: 'hidden', about: '', timeline: [], expect };
}
