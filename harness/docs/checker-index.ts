/** The index of the checkers' pages: docs/checkers/README.md. */
import type { Checker } from '../checkers/checker.ts';
import { kindWords } from './checker-page.ts';
import { table } from './fault-page.ts';

const titles: Record<Checker['kind'], string> = { safety: 'Safety', budget: 'Budgets', validity: 'Validity' };

export function checkerIndex(checkers: readonly Checker[]): string {
  const kinds = Object.keys(titles) as Checker['kind'][];
  const sections = kinds.flatMap((kind) => {
    const rows = checkers
      .filter((checker) => checker.kind === kind)
      .map(({ name, invariant }) => [`[${name}](${name}.md)`, invariant]);
    return [`## ${titles[kind]}`, kindWords[kind], table(['checker', 'invariant'], rows)];
  });
  const parts = [
    '<!-- Made from harness/checkers/ by `npm run docs`: change it there. -->',
    '# The checkers',
    `${checkers.length} checkers judge every run, each from its history alone. Each has a page: its invariant, what it reads, an example that it catches, and its limits.`,
    ...sections,
  ];
  return `${parts.join('\n\n')}\n`;
}
