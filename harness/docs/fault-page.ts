/** A fault's page, made from its definition alone: docs/faults/<name>.md. */
import { type DescribedParameter, describedParameters } from '../faults/described-parameters.ts';
import type { FaultDefinition } from '../faults/fault.ts';
import { composition, needWords, plainValue } from '../report/fault-text.ts';
import { demonstrationScenario, scenarioYaml } from '../scenario/demonstrations.ts';
import { injectCommand } from '../up/fault-options.ts';
import { placeWords } from './place-words.ts';

export function faultPage(fault: FaultDefinition): string {
  const { name, about, details, place, needs = [], example, demonstrations } = fault;
  const given = example as Record<string, unknown>;
  const [demonstration] = demonstrations;
  const more = demonstrations.length - 1;
  const parts = [
    `<!-- Made from harness/faults/ by \`npm run docs\`: change it there. -->`,
    `# ${name}`,
    about,
    table(
      ['', ''],
      [
        ['where', placeWords[place]],
        ...needs.map((need) => ['needs', needWords[need]]),
        ['with others', composition(fault)],
      ],
    ),
    '## Parameters',
    table(['name', 'what it is', 'unless given', 'what for'], describedParameters(fault).map(row)),
    '## Example',
    `In the timeline of a scenario:`,
    code('yaml', `- at: 10s\n  for: 1m\n  fault: ${name}\n  with: ${flow(given)}`),
    ...(needs.includes('writers')
      ? []
      : [
          'By hand, on a path that `tempo-s3-chaos up` has brought up:',
          code('sh', `npx ${injectCommand(fault, given)} --for 1m`),
        ]),
    '## What it does, and how it proves it',
    details.trim(),
    '## Seen at work',
    `${demonstration.about} As a file that \`tempo-s3-chaos run\` takes:`,
    code('yaml', scenarioYaml(demonstrationScenario(fault, demonstration, 0)).trimEnd()),
    `The suites run it through every client${more > 0 ? `, and ${more === 1 ? 'one more' : `${more} more`} like it` : ''}.`,
  ];
  return `${parts.join('\n\n')}\n`;
}

function row({ name, type, required, fallback, about }: DescribedParameter): string[] {
  const unlessGiven = required ? 'required' : fallback === undefined ? '' : `\`${plainValue(fallback)}\``;
  return [`\`${name}\``, type, unlessGiven, about];
}

/** A Markdown table; the first row is its head. */
export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

function code(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

/** JSON is YAML; without its quotes it reads as the scenarios that ship. */
function flow(given: Record<string, unknown>): string {
  return scenarioYaml({ with: given } as never)
    .trim()
    .replace(/^with: /, '');
}
