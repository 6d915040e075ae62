/** Which environments would work here, and what would make the others work. */
import type { NamedDiagnosis } from '../environment/doctor.ts';
import type { Paint } from './paint.ts';
import { printable } from './wrap.ts';

export function diagnosisReport(all: NamedDiagnosis[], paint: Paint): string {
  const names = Math.max(...all.map(({ name }) => name.length));
  return all
    .map(({ name, diagnosis }) => {
      const title = name.padEnd(names);
      return diagnosis.works
        ? `${title}  ${paint('green', 'works')}: ${printable(diagnosis.detail)}\n`
        : `${title}  ${paint('red', 'does not work')}: ${printable(diagnosis.problem)}\n${' '.repeat(names)}  remedy: ${printable(diagnosis.remedy)}\n`;
    })
    .join('');
}
