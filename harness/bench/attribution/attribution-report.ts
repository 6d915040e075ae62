/** What the attribution bench prints: the matrices, every miss with the command that runs it again, and what was not counted. */
import { sayDuration } from '../../checkers/config-time.ts';
import { percent } from '../../checkers/counted.ts';
import { rowsGrid } from '../../report/grid.ts';
import { type Side, sides } from '../../verdict/attribution/blame.ts';
import type { Measurement } from '../measurement.ts';
import { answers, type Confusion, finerScore, type Judged, type Score, said, scoreOf } from './score.ts';

export const goals = { single: 0.95, mixed: 0.85 };

export interface AttributionResult {
  text: string;
  measurements: Measurement[];
}

/** `seed`: of the plan. */
export function attributionReport(judged: readonly Judged[], seed: number): AttributionResult {
  const single = scoreOf(judged.filter(({ planned }) => planned.sort === 'single'));
  const mixed = scoreOf(judged.filter(({ planned }) => planned.sort === 'mixed'));
  const finer = finerScore(judged);
  const notCounted = judged.flatMap(({ planned, truth }) =>
    'notCounted' in truth ? [[planned.name, planned.planted, truth.notCounted]] : [],
  );
  const parts = [
    `single causes, the side (down: who was to blame; across: whom the judge blamed)\n${matrix(single.confusion)}`,
    `mixed causes, the main side\n${matrix(mixed.confusion)}`,
    missesOf('misses', [...single.misses, ...mixed.misses], seed),
    missesOf('right side, called by another name (for information)', finer.misses, seed),
    notCounted.length === 0 ? '' : `not counted: ${notCounted.length}\n${rowsGrid(notCounted)}`,
  ];
  return {
    text: parts.filter((part) => part !== '').join('\n\n'),
    measurements: [
      measured('single causes, the side right', single, goals.single),
      measured('mixed causes, the main side right', mixed, goals.mixed),
      { what: 'single and mixed, the cause by its name, where the side was right', value: share(finer) },
    ],
  };
}

function measured(what: string, score: Score, goal: number): Measurement {
  if (score.counted === 0) return { what, value: 'none counted' };
  return { what, value: share(score), goal: `>= ${percent(goal)}`, met: score.right >= goal * score.counted };
}

function share({ right, counted }: Pick<Score, 'right' | 'counted'>): string {
  if (counted === 0) return 'none counted';
  // Not rounded up: 94.9 % is not 95 %.
  return `${(Math.floor((right / counted) * 1000) / 10).toFixed(1)} % (${right} of ${counted})`;
}

function matrix(confusion: Confusion): string {
  const rows = sides.map((side) => [side, ...answers.map((answer) => String(confusion[side][answer]))]);
  return rowsGrid([['', ...answers], ...rows]);
}

function missesOf(what: string, misses: readonly Judged[], seed: number): string {
  if (misses.length === 0) return '';
  const lines = misses.map(({ planned, truth, blame, trouble }) => {
    const { side, cause, share: weight } = said(blame);
    const whom = cause === undefined ? side : `${side} (${cause}, the side ${percent(weight)})`;
    const really = 'main' in truth ? costs(truth.lostMs) : '';
    const lines = [
      `${planned.name}: ${planned.planted}, through ${planned.client}: blamed ${whom}; really ${really}`,
      `  npm run bench -- attribution --seed ${seed} --only '^${planned.name}$' --out chaos-results`,
    ];
    if (trouble !== undefined) lines.push(`  inconclusive: ${trouble}`);
    return lines.join('\n');
  });
  return `${what}: ${misses.length}\n${lines.join('\n')}`;
}

/** `client 6m10s, network 50s`. */
function costs(lostMs: Partial<Record<Side, number>>): string {
  return (Object.entries(lostMs) as [Side, number][])
    .sort(([, a], [, b]) => b - a)
    .map(([side, ms]) => `${side} ${sayDuration(ms)}`)
    .join(', ');
}
