/** What is in force on a path that is up, since when and for how long still, and what was healed. */
import { formatDuration } from '../tempo/go-duration.ts';
import type { FaultList, FaultReport, PathReport } from '../up/protocol.ts';
import { evidenceWords, neverTookEffect } from './evidence-words.ts';
import { rowsGrid } from './grid.ts';
import type { Paint } from './paint.ts';
import { printable, wrap } from './wrap.ts';

/** What `status --json` prints. */
export interface StatusReport extends FaultList {
  format: 1;
  /** When this was so. */
  at: string;
  path: PathReport;
}

/** Healed faults that are shown; `--json` has the others too. */
const MOST_SHOWN = 5;

export function statusText({ path, at, inForce, healed }: StatusReport, width: number, paint: Paint): string {
  const title = `${paint('bold', `up ${path.id}`)} for ${ago(path.upSince, at)}: ${path.byAddress.url}, bucket ${path.bucket}`;
  const parts = [title, inForce.length === 0 ? 'nothing is in force' : table('in force', inForce, at, width, paint)];
  if (healed.length > 0) parts.push(table('healed', healed.slice(0, MOST_SHOWN), at, width, paint));
  return `${parts.join('\n\n')}\n`;
}

function table(title: string, faults: FaultReport[], at: string, width: number, paint: Paint): string {
  const rows = faults.map((fault) => [`  ${printable(fault.id)}`, when(fault, at), fault]) as [
    string,
    string,
    FaultReport,
  ][];
  const before = [0, 1].map((column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  const left = Math.max(30, width - (before[0] as number) - (before[1] as number) - 4);
  const cells = rows.map(([id, time, fault]) => {
    const words = wrap(sayings(fault), left);
    const loud = neverTookEffect(fault) || fault.error !== null;
    return [id, time, loud ? paint(fault.error !== null ? 'red' : 'yellow', words) : words];
  });
  return `${paint('bold', title)}\n${rowsGrid(cells)}`;
}

function sayings(fault: FaultReport): string {
  const { state, error } = fault;
  if (state === 'heal-failed') return `COULD NOT BE HEALED: ${error}`;
  if (state === 'half-injected') return `INJECTED BY HALF: ${error}`;
  return evidenceWords(fault);
}

function when({ since, healsAt, healedAt }: FaultReport, at: string): string {
  if (healedAt !== null) return `${ago(since, healedAt)}, ${ago(healedAt, at)} ago`;
  return `for ${ago(since, at)}${healsAt === null ? '' : `, ${ago(at, healsAt)} left`}`;
}

/** From one moment to another, in seconds. */
function ago(from: string, to: string): string {
  return formatDuration(Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000)) * 1000);
}
