/** What there is to run: the scenarios that ship, and the faults that a scenario can be made of. */
import { grid } from './grid.ts';
import type { Paint } from './paint.ts';
import { printable, wrap } from './wrap.ts';

/** What `list --json` prints. */
export interface Listing {
  format: 1;
  scenarios: { name: string; about: string; file: string; expect: { verdict: 'pass' | 'fail'; cause?: string } }[];
  faults: { name: string; about: string; place: string; example: unknown }[];
}

/** `width` is that of the terminal, in columns. */
export function listing({ scenarios, faults }: Listing, width: number, paint: Paint): string {
  const table = (title: string, rows: [name: string, about: string][]) => {
    const names = Math.max(...rows.map(([name]) => name.length));
    const columns = Math.max(30, width - names - 4);
    const cells = rows.map(([name, about]) => [`  ${printable(name)}`, wrap(about, columns)]);
    return `${paint('bold', title)}\n${grid([{ head: '' }, { head: '' }], cells, String).replace(/^\n/, '')}`;
  };
  const expected = ({ verdict, cause }: Listing['scenarios'][number]['expect']) =>
    verdict === 'fail' ? ` (expected to fail${cause ? ` by ${cause}` : ''})` : '';
  const parts = [
    table(
      'scenarios',
      scenarios.map(({ name, about, expect }) => [name, about + expected(expect)]),
    ),
    table(
      'faults',
      faults.map(({ name, place, about, example }) => [name, `${place}: ${about}\nwith: ${JSON.stringify(example)}`]),
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}
