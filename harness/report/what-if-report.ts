/** What `explain --what-if` prints: a line for each setting that was tried, and what follows. */
import { counted } from '../checkers/counted.ts';
import type { Blame } from '../verdict/attribution/blame.ts';
import { type Outcome, type Tried, troubled, type WhatIfResult } from '../what-if/what-if.ts';
import { sidesInWords } from './blame-words.ts';
import { type Column, grid } from './grid.ts';
import type { Paint } from './paint.ts';
import { wrap } from './wrap.ts';

const columns: Column[] = [
  { head: 'setting' },
  { head: 'from' },
  { head: 'to' },
  { head: 'verdict' },
  { head: 'deadlines exceeded', align: 'right' },
  { head: 'lost', align: 'right' },
  { head: 'saves' },
];

export interface WhatIfReport extends WhatIfResult {
  /** Of the run that is explained. */
  blame: Blame;
  compression: { bytes: number };
}

export function whatIfReport(found: WhatIfReport, width: number, paint: Paint): string {
  const asItWas = ['(as it was)', '', '', ...figures([found.again]), ''];
  const rows = found.tried.map(({ candidate, effect, outcomes }) => [
    candidate.setting,
    candidate.from,
    candidate.to,
    ...figures(outcomes),
    effect === 'saves' ? 'yes' : effect === 'does not save' ? 'no' : effect,
  ]);
  const parts = [
    paint('bold', 'The same scenario, seed and client again, with one setting changed each time:'),
    grid(columns, [asItWas, ...rows], (head) => paint('dim', head)),
    ...conclusion(found).map((sentence) => wrap(sentence, width)),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Of several runs: each verdict once, and the most of the others. */
function figures(outcomes: readonly Outcome[]): string[] {
  const verdicts = [...new Set(outcomes.map(({ verdict }) => verdict))].join(', ');
  const most = (of: (outcome: Outcome) => number) => String(Math.max(...outcomes.map(of)));
  return [
    outcomes.length > 1 ? `${verdicts} (${outcomes.length} runs)` : verdicts,
    most(({ deadlineExceeded }) => deadlineExceeded),
    most(({ lost }) => lost),
  ];
}

/** What is proven, in sentences. */
export function conclusion({ again, tried, blame, compression }: WhatIfReport): string[] {
  if (!troubled(again)) {
    const [what, why] =
      again.verdict === 'inconclusive'
        ? ['was inconclusive', again.explanation]
        : ['did not fail again', 'it hangs on timing, so that a setting which passes would prove nothing'];
    return [`As it was, the run ${what}: ${why.replace(/\.$/, '')}. No setting was tried.`];
  }
  const saving = tried.filter(({ effect }) => effect === 'saves');
  const said = saving.map(
    ({ candidate, outcomes }) =>
      `${candidate.setting}: ${candidate.to} would have saved it (it was ${candidate.from}): so it did in ${counted(outcomes.length, 'run')} of the same seed.`,
  );
  if (saving.length === 0) said.push(nothingSaves(tried, blame));
  for (const { candidate } of saving) {
    if (candidate.setting.startsWith('policy.')) said.push(noKeyFor(candidate.setting));
  }
  if (compression.bytes > 1 && saving.some(({ candidate }) => candidate.setting.endsWith('part_size'))) {
    said.push('Parts are not compressed as blocks are: at its full size a block has more of them than in these runs.');
  }
  return said;
}

/** What would help is worth knowing; that it cannot be written into a config has to be said. */
function noKeyFor(setting: string): string {
  const later = setting === 'policy.attempts' ? ' before 3.0, where it is storage.trace.s3.retry_max_attempts' : '';
  return `Tempo's config has no key for ${setting}${later}: here --set sets it.`;
}

function nothingSaves(tried: readonly Tried[], blame: Blame): string {
  const cause = blame.causes.length === 0 ? '' : ` The lost time is due to ${sidesInWords(blame)}.`;
  if (tried.length === 0) return `No setting would have saved it, as far as the evidence points at any.${cause}`;
  const unknown = tried.filter(({ effect }) => effect === 'inconclusive');
  const proven = `None of the settings that were tried would have saved it`;
  if (unknown.length > 0) {
    return `${proven}, but ${unknown.map(({ candidate }) => candidate.setting).join(', ')} cannot be told: the run was inconclusive.${cause}`;
  }
  const beyond = blame.causes[0]?.side === 'network' || blame.causes[0]?.side === 's3';
  return `${proven}.${cause}${beyond ? ' That is an outage beyond any of these settings.' : ''}`;
}
