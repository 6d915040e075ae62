/** One fault, as `list FAULT` shows it: what its page says, for a terminal. */
import { type DescribedParameter, describedParameters } from '../faults/described-parameters.ts';
import type { FaultDefinition } from '../faults/fault.ts';
import { injectCommand } from '../up/fault-options.ts';
import { namesGrid } from './grid.ts';
import type { Paint } from './paint.ts';
import { printable, wrap } from './wrap.ts';

/** What a fault needs of a path, for people. */
export const needWords = {
  'own-server': 'an S3 server of its own: `run` and `up` give it one',
  'limited-disk': 'a server whose data disk can be filled, which not every machine can give',
  tls: 'a path that speaks TLS: `insecure: false` in the config, or `up --tls`',
  writers: 'block writers of ours: it can stand in a scenario, and not be injected into `up`',
} as const satisfies Record<NonNullable<FaultDefinition['needs']>[number], string>;

/** With which others it can be in force at once. */
export function composition({ touches }: Pick<FaultDefinition, 'touches'>): string {
  return touches === undefined
    ? 'composes with itself and with every other fault'
    : `decides ${touches}: only one fault that does can be in force at once`;
}

export type ShownFault = Pick<
  FaultDefinition,
  'name' | 'about' | 'details' | 'place' | 'parameters' | 'example' | 'needs' | 'touches'
>;

export function faultText(fault: ShownFault, width: number, paint: Paint): string {
  const { name, about, details, place, example, needs = [] } = fault;
  const given = example as Record<string, unknown>;
  const parts = [
    `${paint('bold', name)} (${place})\n${wrap(about, width)}`,
    `${paint('bold', 'parameters')}\n${parameterTable(describedParameters(fault), width)}`,
    [
      paint('bold', 'example'),
      `  in a timeline: ${JSON.stringify(example)}`,
      ...(needs.includes('writers') ? [] : [`  by hand: ${printable(injectCommand(fault, given))}`]),
    ].join('\n'),
    [
      ...needs.map((need) => wrap(`needs ${needWords[need]}`, width)),
      wrap(`${composition(fault)}; its page is docs/faults/${name}.md`, width),
    ].join('\n'),
    wrapParagraphs(details, width),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Names, what they are, and what they are for. */
export function parameterTable(parameters: DescribedParameter[], width: number): string {
  return namesGrid(
    parameters.map((parameter) => [parameter.name, parameterWords(parameter)]),
    width,
  );
}

/** What it is for; and in a second line what it is, and whether it is needed. */
export function parameterWords({ about, shortType, required, fallback }: DescribedParameter): string {
  const end = required ? '; required' : fallback === undefined ? '' : `; ${plainValue(fallback)} unless given`;
  return `${about}\n${shortType}${end}`;
}

/** A value as YAML would have it on one line. */
export function plainValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function wrapParagraphs(text: string, width: number): string {
  return text
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => wrap(paragraph.replace(/\n/g, ' '), width))
    .join('\n\n');
}
