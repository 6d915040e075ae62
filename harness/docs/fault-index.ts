/** The index of the faults' pages, by place: docs/faults/README.md. */
import { type FaultDefinition, type Need, places } from '../faults/fault.ts';
import { table } from './fault-page.ts';
import { placeWords } from './place-words.ts';

const titles = {
  network: 'Network',
  tls: 'TLS',
  dns: 'DNS',
  s3: 'S3',
  server: "The server's machine",
  machine: "The writer's machine",
};
const needs: Record<Need, string> = {
  'own-server': 'an S3 server of its own',
  'limited-disk': 'a disk that can be filled',
  tls: 'TLS',
  writers: 'writers of ours',
};

export function faultIndex(faults: readonly FaultDefinition[]): string {
  const sections = places.flatMap((place) => {
    const there = faults.filter((fault) => fault.place === place);
    if (there.length === 0) return [];
    const rows = there.map((fault) => [
      `[${fault.name}](${fault.name}.md)`,
      fault.about,
      (fault.needs ?? []).map((need) => needs[need]).join(', '),
    ]);
    return [`## ${titles[place]}`, `At ${placeWords[place]}.`, table(['fault', 'what happens', 'needs'], rows)];
  });
  const parts = [
    '<!-- Made from harness/faults/ by `npm run docs`: change it there. -->',
    '# The faults',
    `${faults.length} faults, by where they sit on the path of a write. Each has a page with its parameters, an example, and a scenario that shows it at work; \`tempo-s3-chaos list FAULT\` shows the same in a terminal.`,
    ...sections,
  ];
  return `${parts.join('\n\n')}\n`;
}
