/** What a fault did, in words, for whoever injected it by hand. */
import type { FaultReport } from '../up/protocol.ts';

/** Why nothing of a kind may have come, and what to do. */
const nothingCame: Record<string, string> = {
  requests: 'no request matched',
  queries:
    'no name was looked up: a client that has the endpoint by address, or keeps its connections open, asks for none',
  connections: 'no connection met it',
  handshakes: 'no handshake met it: a client that keeps its connections open makes none',
  bytes: 'no byte met it',
};

/** Whether it has to be said loudly: it was in force, and did nothing at all. */
export function neverTookEffect({ evidence }: Pick<FaultReport, 'evidence'>): boolean {
  return evidence?.fired === 0;
}

/** `12 requests (considered 40)`; `it never took effect: no request matched`; `so far` while it is in force. */
export function evidenceWords({ evidence, state, error }: FaultReport): string {
  if (!evidence) return error ?? 'nothing is known of it';
  const { fired, unit, measured = {} } = evidence;
  const more = Object.entries(measured)
    .map(([what, figure]) => `${inWords(what)} ${shortened(figure)}`)
    .join(', ');
  const brackets = more === '' ? '' : ` (${more})`;
  if (fired === null) {
    return `it acts on all that passes, and does not count where it acts: see what your client measured${brackets}`;
  }
  if (fired > 0) return `${fired} ${fired === 1 ? unit.replace(/ies$/, 'y').replace(/s$/, '') : unit}${brackets}`;
  const considered = Number(measured.considered ?? 0);
  const why =
    considered > 0
      ? `${considered} ${unit} matched, and none was hit`
      : (nothingCame[unit] ?? `there were no ${unit} of it`);
  return `it ${state === 'in-force' ? 'has not taken effect so far' : 'never took effect'}: ${why}`;
}

/** `busiest second`, of `busiestSecond`; `down ms`, of `downMs`. */
function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Whole numbers as they are; of others three digits behind the point. */
function shortened(figure: unknown): string {
  return typeof figure === 'number' ? String(Number(figure.toFixed(3))) : String(figure);
}
