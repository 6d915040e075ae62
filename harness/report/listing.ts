/** What there is to run: the scenarios that ship, and the faults that a scenario can be made of. */
import type { JsonSchema } from '../faults/described-parameters.ts';
import { type Place, places } from '../faults/fault.ts';
import { namesGrid } from './grid.ts';
import type { Paint } from './paint.ts';

/** What `list --json` prints. */
export interface Listing {
  format: 1;
  scenarios: {
    name: string;
    /** Runs with this name, and not with all that ship. */
    group?: string;
    about: string;
    file: string;
    expect: { verdict: 'pass' | 'fail'; cause?: string };
  }[];
  faults: ListedFault[];
}

export interface ListedFault {
  name: string;
  about: string;
  place: Place;
  /** Absent: it can be injected into any path. */
  needs?: readonly string[];
  /** Only one fault that touches this can be in force at once. */
  touches?: string;
  /** JSON Schema of its `with:`. */
  parameters: JsonSchema;
  example: unknown;
  details: string;
}

/** Where on the path a fault sits, as a heading. */
const placeTitles: Record<Place, string> = {
  network: 'faults of the network',
  tls: 'faults of TLS',
  dns: 'faults of DNS',
  s3: 'faults of S3',
  server: "faults of the S3 server's machine",
  machine: "faults of the writer's machine",
};

/** Faults by their place on the path. `width` is that of the terminal, in columns. */
export function listing({ scenarios, faults }: Listing, width: number, paint: Paint): string {
  const table = (title: string, rows: [name: string, about: string][]) =>
    `${paint('bold', title)}\n${namesGrid(rows, width)}`;
  const expected = ({ verdict, cause }: Listing['scenarios'][number]['expect']) =>
    verdict === 'fail' ? ` (expected to fail${cause ? ` by ${cause}` : ''})` : '';
  const groups = new Set(scenarios.map(({ group }) => group));
  const parts = [
    ...[...groups].map((group) =>
      table(
        group === undefined ? 'scenarios' : `scenarios of the group ${group} (run ${group})`,
        scenarios
          .filter((scenario) => scenario.group === group)
          .map(({ name, about, expect }) => [name, about + expected(expect)]),
      ),
    ),
    ...places.flatMap((place) => {
      const there = faults.filter((fault) => fault.place === place);
      if (there.length === 0) return [];
      return table(
        placeTitles[place],
        there.map(({ name, about, example }) => [name, `${about}\nwith: ${JSON.stringify(example)}`]),
      );
    }),
  ];
  return `${parts.join('\n\n')}\n`;
}
