/** A checker's page, made from its definition, and from an example that is judged for it: docs/checkers/<name>.md. */
import type { Checker, Finding } from '../checkers/checker.ts';
import type { CheckerPage } from '../checkers/pages/page.ts';
import type { HistoryEvent } from '../history/events.ts';
import { judge } from '../verdict/judge.ts';
import { table } from './fault-page.ts';

/** Whole sentences. */
export const kindWords: Record<Checker['kind'], string> = {
  safety: 'What violates it fails the run, whatever else was wrong with it.',
  budget: 'A miss fails the run, unless the harness itself was late.',
  validity: 'Without it the run proves nothing, and is inconclusive.',
};

/** @throws Error when the example shows nothing: the checker passes it. */
export async function checkerPage(checker: Checker, page: CheckerPage): Promise<string> {
  const { name, invariant, kind, judges } = checker;
  const { details, reads, example, limits } = page;
  const { verdict, findings } = await judge(example.history, { effects: {} });
  const caught = findings.filter((finding) => finding.checker === name && finding.verdict !== 'pass');
  if (caught.length === 0) throw new Error(`docs: the example of the checker ${name} is one that it passes`);
  const parts = [
    `<!-- Made from harness/checkers/ by \`npm run docs\`: change it there. -->`,
    `# ${name}`,
    `**${invariant}**`,
    `Kind: ${kind}. ${kindWords[kind]}${judges ? ` Judged when a scenario's \`expect\` has ${judges.map((key) => `\`${key}\``).join(' or ')}.` : ''}`,
    details.trim(),
    '## What it reads of the history',
    table(
      ['event', 'what of it'],
      Object.entries(reads).map(([event, what]) => [event === 'every event' ? event : `\`${event}\``, what]),
    ),
    '## An example that it catches',
    example.about,
    code('json', shown(example.shown)),
    `The run is ${verdict === 'fail' ? 'a fail' : 'inconclusive'}, and this checker says why:`,
    caught.map(quoted).join('\n\n'),
    '## Its limits',
    limits.map((limit) => `- ${limit}`).join('\n'),
  ];
  return `${parts.join('\n\n')}\n`;
}

function quoted({ verdict, message }: Finding): string {
  return `> ${verdict}: ${message}`;
}

/** As the history has them, one a line. */
function shown(events: readonly HistoryEvent[]): string {
  return events.map((event) => JSON.stringify(event)).join('\n');
}

function code(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
