/** What a run wrote of its verdict: a replay compares itself with it, and takes nothing from it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { HistoryError } from '../history/history-error.ts';
import { type FoundHistories, verdictFile } from './find-histories.ts';

const schema = z.looseObject({
  format: z.literal(1),
  tool: z.string(),
  scenarios: z.array(z.looseObject({ folder: z.string() })),
});

export type WrittenVerdict = z.infer<typeof schema> & {
  /** Where it is. */
  file: string;
};

/** `undefined`: there is none. @throws HistoryError for one that cannot be compared with. */
export async function readWrittenVerdict(runFolder: string): Promise<WrittenVerdict | undefined> {
  const file = join(runFolder, verdictFile);
  const remedy = `copy it again, or remove it: the histories are judged without it`;
  let written: unknown;
  try {
    written = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (!(error instanceof SyntaxError))
      throw new HistoryError(file, (error as Error).message, remedy, { cause: error });
    throw new HistoryError(file, 'it is not JSON: it was cut short or edited', remedy, { cause: error });
  }
  const read = schema.safeParse(written);
  if (read.success) return { ...read.data, file };
  const problems = read.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`).join('; ');
  throw new HistoryError(file, `it is not the verdict of a run of format 1 (${problems})`, remedy);
}

/** @throws HistoryError when a scenario of the run has no folder here. */
export function mustBeAll({ file, scenarios }: WrittenVerdict, histories: FoundHistories['histories']): void {
  const missing = scenarios.filter(({ folder }) => !histories.some((history) => history.folder === folder));
  if (missing.length === 0) return;
  const problem = `the run had scenarios whose folders are not here: ${missing.map(({ folder }) => folder).join(', ')}`;
  throw new HistoryError(file, problem, 'copy the whole folder again, or name the folder of one scenario');
}
