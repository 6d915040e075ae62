/** What compression keeps of the truth, and what it does not: said under the table of every run that was compressed. */
import type { RunResult } from '../scenario/run-result.ts';
import { wrap } from './wrap.ts';

/** `undefined` when nothing was compressed. */
export function proportions({ scenarios }: Pick<RunResult, 'scenarios'>, width: number): string | undefined {
  const compressed = scenarios.filter(({ compression }) => compression.time > 1 || compression.bytes > 1);
  if (compressed.length === 0) return undefined;
  const factors = (of: 'time' | 'bytes') => {
    const all = compressed.map(({ compression }) => compression[of]);
    const [least, most] = [Math.min(...all), Math.max(...all)];
    return least === most ? `${least}` : `${least} to ${most}`;
  };
  const text =
    `compressed: time by ${factors('time')}, bytes by ${factors('bytes')}. Kept: size to bandwidth to deadline, outage to patience of the ` +
    'retries, backlog to disk. Not kept: requests a block, requests a second, the time that S3, disk and CPU here take by ' +
    'themselves, and what sockets buffer. PUT times are as they passed.';
  return wrap(text, width);
}
