/** What a person reads of a replay: where it differs from what the run wrote, and then the report of the run. */
import type { Replay } from '../replay/replay.ts';
import type { Paint } from './paint.ts';
import { runReport } from './run-report.ts';
import { printable, wrap } from './wrap.ts';

/** As of a run, the line for the whole is the last. */
export function replayReport(replay: Replay, width: number, paint: Paint): string {
  return `${comparison(replay, width, paint)}\n\n${runReport(replay, width, paint)}`;
}

function comparison({ compared, differences, tool }: Replay, width: number, paint: Paint): string {
  if (!compared) return paint('dim', 'no verdict.json to compare with: judged from the histories alone');
  const file = printable(compared.file);
  if (differences.length === 0) return paint('dim', `the same as ${file}, which ${printable(compared.tool)} wrote`);
  const versions =
    compared.tool === tool
      ? `${tool}, which wrote it`
      : `${tool}; ${printable(compared.tool)} wrote it, and may have judged otherwise`;
  const lines = differences.map(({ scenario, field, was, is }) => {
    const where = scenario === undefined ? 'the run' : printable(scenario);
    const what = field === '' ? '' : `${printable(field)}: `;
    return wrap(`${where}: ${what}was ${said(was)}, is ${said(is)}`, width, '    ');
  });
  return [paint('red', `not the same as ${file}, judged by ${versions}:`), ...lines].join('\n');
}

/** Longer values are cut: --json has them whole. */
const MOST_CHARACTERS = 300;

function said(value: unknown): string {
  if (value === undefined) return 'not there';
  const text = printable(typeof value === 'string' ? value : JSON.stringify(value));
  const short = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}...` : text;
  return typeof value === 'string' ? `"${short}"` : short;
}
