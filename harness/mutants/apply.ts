/** Puts a mutant into the text of the sources. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Edit, Mutant } from './mutant.ts';

/** A mutant whose place in the sources is gone, or is there more than once. */
export class MisplacedMutant extends Error {
  override readonly name = 'MisplacedMutant';
}

/** The text with the edit made. @throws MisplacedMutant that names the mutant, the file and the text looked for. */
export function edited(source: string, mutant: string, { file, find, replace }: Edit): string {
  const count = source.split(find).length - 1;
  if (count === 1) return source.replace(find, () => replace);
  throw new MisplacedMutant(
    `mutant ${mutant}: ${file} has ${JSON.stringify(find)} ${count} times: bring its find in line with the source, so that it is there once`,
  );
}

/** Makes the mutant's edits in the files below `folder`. @throws MisplacedMutant; the file system's error, when a file is not there. */
export async function apply({ name, edits }: Pick<Mutant, 'name' | 'edits'>, folder: string): Promise<void> {
  for (const edit of edits) {
    const file = join(folder, edit.file);
    await writeFile(file, edited(await readFile(file, 'utf8'), name, edit));
  }
}

/** Whether each mutant has its places in the sources below `folder`: asked before the first is built. @throws MisplacedMutant about all that have not. */
export async function checkPlaces(mutants: readonly Pick<Mutant, 'name' | 'edits'>[], folder: string): Promise<void> {
  const problems: string[] = [];
  for (const { name, edits } of mutants) {
    const sources = new Map<string, string>();
    for (const edit of edits) {
      try {
        const source = sources.get(edit.file) ?? (await readFile(join(folder, edit.file), 'utf8'));
        sources.set(edit.file, edited(source, name, edit));
      } catch (error) {
        if (error instanceof MisplacedMutant) problems.push(error.message);
        else problems.push(`mutant ${name}: ${edit.file} cannot be read: ${(error as Error).message}`);
      }
    }
  }
  if (problems.length > 0) throw new MisplacedMutant(problems.join('\n'));
}
