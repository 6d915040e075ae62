/** What a run wrote of its verdict: a replay compares itself with it, and takes nothing from it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { HistoryError } from '../history/history-error.ts';
import { inPlainWords } from '../scenario/plain-words.ts';
import { type FoundHistories, verdictFile } from './find-histories.ts';

/** Of the verdict.json that a run of this version writes. */
const FORMAT = 1;

const schema = z.looseObject({
  format: z.literal(FORMAT, { error: `expected ${FORMAT}` }),
  tool: z.string(),
  scenarios: z.array(
    z.looseObject({ folder: z.string(), earlierTries: z.array(z.looseObject({ folder: z.string() })).optional() }),
  ),
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
  mustBeOfThisFormat(written, file);
  const read = schema.safeParse(written, { error: inPlainWords });
  if (read.success) return { ...read.data, file };
  const problems = read.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`).join('; ');
  throw new HistoryError(file, `it is not the verdict of a run (${problems})`, remedy);
}

/** Of another format nothing more can be said: what it holds is another version's to know. */
function mustBeOfThisFormat(written: unknown, file: string): void {
  if (typeof written !== 'object' || written === null || !('format' in written)) return;
  const { format } = written;
  if (typeof format !== 'number' || format === FORMAT) return;
  const wroteIt = 'tool' in written && typeof written.tool === 'string' ? ` (${written.tool})` : '';
  throw new HistoryError(
    file,
    `it is of format ${format}, and this version reads format ${FORMAT}`,
    `replay it with the version that wrote it${wroteIt}, or remove it: the histories are judged without it`,
  );
}

/** The folders of all tries, those of a scenario one after another. */
export function writtenFolders({ scenarios }: WrittenVerdict): string[] {
  return scenarios.flatMap(({ folder, earlierTries = [] }) => [...earlierTries.map((one) => one.folder), folder]);
}

/** @throws HistoryError when a scenario of the run, or an earlier try of it, has no folder here. */
export function mustBeAll(written: WrittenVerdict, histories: FoundHistories['histories']): void {
  const { file } = written;
  const missing = writtenFolders(written).filter((folder) => !histories.some((history) => history.folder === folder));
  if (missing.length === 0) return;
  const problem = `the run had scenarios whose folders are not here: ${missing.join(', ')}`;
  throw new HistoryError(file, problem, 'copy the whole folder again, or name the folder of one scenario');
}
