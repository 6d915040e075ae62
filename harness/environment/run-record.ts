/**
 * The records of runs, as files: for each run one that says who runs it and what it has started.
 *
 *     <state folder>/runs/<id>.json   the record
 *     <state folder>/runs/<id>/       the run's temporary folders
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateFolder } from './folders.ts';
import type { ProcessIdentity } from './process-identity.ts';

export interface RunRecord {
  owner: ProcessIdentity;
  processIdSpace: { boot: string; namespace: string };
  processes: (ProcessIdentity & { name: string })[];
  /** How many environments of containers the run has: above 0, containers with its label may exist. */
  containers: number;
}

/** Containers of a run have this label, with the run's id as its value. */
export const RUN_LABEL = 'io.github.tempo-s3-chaos.run';

const RUN_ID = /^[0-9a-f]{12}$/;

/** The folder of all records, and of the runs' folders. */
export function runsFolder(): string {
  return join(stateFolder(), 'runs');
}

function recordFile(id: string): string {
  return join(runsFolder(), `${id}.json`);
}

/** The run that a file of the runs folder is the record of. */
export function idOfRecord(file: string): string | undefined {
  const id = file.replace(/\.json$/, '');
  return file.endsWith('.json') && RUN_ID.test(id) ? id : undefined;
}

/** @throws Error when the file is gone or is no record. */
export function readRecord(id: string): RunRecord {
  const record = JSON.parse(readFileSync(recordFile(id), 'utf8')) as RunRecord;
  if (!record.owner || !record.processIdSpace || !Array.isArray(record.processes))
    throw new Error('not a record of a run');
  return record;
}

/** By a rename, so that a sweep never reads half a record. */
export function writeRecord(id: string, record: RunRecord): void {
  const file = recordFile(id);
  writeFileSync(`${file}.new`, JSON.stringify(record, undefined, 2), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** The folder that a run's temporary folders are in. */
export function runFolder(id: string): string {
  return join(runsFolder(), id);
}

/** Removes a run's temporary folders, and then, since nothing is left to be found, its record. */
export function removeFiles(id: string): void {
  // A server that was killed a moment ago may still be writing: then a folder that was just emptied is not empty.
  rmSync(runFolder(id), { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  rmSync(`${recordFile(id)}.new`, { force: true });
  rmSync(recordFile(id), { force: true });
}
