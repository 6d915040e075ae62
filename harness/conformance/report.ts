/** What `npm run conformance` prints. */
import Table from 'cli-table3';
import type { Compared, ConformanceResult } from './conformance.ts';

const compact = {
  style: { head: [], border: [] },
  chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
};

/** Every disagreement, the counts by kind of fault, and the waits. */
export function conformanceReport({ compared, waits, agrees, seconds }: ConformanceResult, reference: string): string {
  const others = [...(compared[0]?.disagreements.keys() ?? [])];
  const table = new Table({ head: ['kind of fault', 'programs', ...others], ...compact });
  const kinds = new Map<string, Compared[]>();
  for (const one of compared) kinds.set(one.program.kind, [...(kinds.get(one.program.kind) ?? []), one]);
  for (const [kind, ones] of [...kinds].sort(([a], [b]) => (a < b ? -1 : 1))) table.push(row(kind, ones, others));
  table.push(row('all', compared, others));
  const again = compared.filter((one) => one.again).map(({ program }) => program.number);
  const lines = [
    ...compared.flatMap(({ disagreements }) =>
      [...disagreements.values()].flatMap((words) => (words ? [words, ''] : [])),
    ),
    `Agreed with ${reference}, of so many programs:`,
    table.toString(),
    ...(again.length > 0 ? [`Agreed only with the machine to themselves: programs ${again.join(', ')}`] : []),
    ...(waits.length > 0
      ? ['Waits between attempts, whether they are drawn uniformly (Kolmogorov-Smirnov at 1 %):']
      : []),
    ...waits.map(
      ({ way, size, distance, allowed, uniform, sample }) =>
        `  ${way}: ${size} waits, D ${distance.toFixed(3)}, ${allowed.toFixed(3)} allowed: ${uniform ? 'uniform' : 'not uniform'}${sample > 1 ? ` (sample ${sample})` : ''}`,
    ),
    `${agrees ? 'No disagreement' : 'DISAGREEMENT'} (${seconds.toFixed(0)} s)`,
  ];
  return lines.join('\n');
}

function row(title: string, compared: readonly Compared[], others: readonly string[]): string[] {
  const agreed = (name: string) => compared.filter(({ disagreements }) => disagreements.get(name) === undefined).length;
  return [title, String(compared.length), ...others.map((name) => String(agreed(name)))];
}
