/** For tests: the recordings that ship with the project, and what is planted into them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shippedRecordings } from './read-recordings.ts';
import { parseRecording, type Recording } from './recording.ts';

export function shippedRecording(name: string): Recording {
  const file = join(shippedRecordings, `${name}.json`);
  return parseRecording(readFileSync(file, 'utf8'), file);
}

/** A copy that `change` was done to. */
export function changed(recording: Recording, change: (copy: Recording) => void): Recording {
  const copy = structuredClone(recording);
  change(copy);
  return copy;
}
