/** Reads a folder of recordings. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../process/child.ts';
import { parseRecording, type Recording, RecordingError, type RecordingProblem } from './recording.ts';

/** Those that ship with the project: of Tempo v2.9.5. */
export const shippedRecordings = join(packageRoot, 'conformance', 'tempo-vectors');

const reasons: Record<string, string> = {
  ENOENT: 'there is no such folder',
  ENOTDIR: 'it is no folder',
  EACCES: 'it may not be read',
};

const REMEDY = 'name a folder with recordings (*.json), or none: then those of conformance/tempo-vectors/ are taken';

/** Every `*.json` of the folder, by name. @throws RecordingError with everything that is wrong with any of them. */
export async function readRecordings(folder: string): Promise<Recording[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw new RecordingError([{ where: folder, message: reasons[error.code ?? ''] ?? error.message, remedy: REMEDY }]);
  });
  const files = names.filter((name) => name.endsWith('.json')).sort();
  if (files.length === 0) {
    throw new RecordingError([{ where: folder, message: 'it has no recording (no *.json)', remedy: REMEDY }]);
  }
  const recordings: Recording[] = [];
  const problems: RecordingProblem[] = [];
  const named = new Map<string, string>();
  for (const name of files) {
    const file = join(folder, name);
    try {
      const recording = parseRecording(await readFile(file, 'utf8'), file);
      const twin = named.get(recording.name);
      if (twin !== undefined) {
        problems.push({
          where: `${file}: name`,
          message: `${twin} has the name ${recording.name} too`,
          remedy: 'give each recording a name of its own',
        });
      }
      named.set(recording.name, name);
      recordings.push(recording);
    } catch (error) {
      if (error instanceof RecordingError) problems.push(...error.problems);
      else problems.push({ where: file, message: (error as Error).message, remedy: REMEDY });
    }
  }
  if (problems.length > 0) throw new RecordingError(problems);
  return recordings;
}
