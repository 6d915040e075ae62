/**
 * How `inject`, `heal` and `status` find what is up, from another terminal: for each `up` a file that only its user may read,
 * `<state folder>/up/<id>.json`, with where its control API is, and the token.
 *
 * It is removed when the `up` ends. One that was killed removes nothing: its file is taken for what it is, and removed by the next
 * that looks.
 */
import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { EnvironmentError } from '../environment/environment.ts';
import { stateFolder } from '../environment/folders.ts';
import { identify, processIdSpace, stillRuns } from '../environment/process-identity.ts';
import { makeFolders } from '../process/make-folders.ts';

const stateSchema = z.object({
  format: z.literal(1),
  id: z.string(),
  owner: z.object({ pid: z.int(), startedAt: z.string() }),
  processIdSpace: z.object({ boot: z.string(), namespace: z.string() }),
  control: z.object({ port: z.int(), token: z.string() }),
});
export type UpState = z.output<typeof stateSchema>;

const ID = /^[0-9a-f]{6}$/;

function upFolder(): string {
  return join(stateFolder(), 'up');
}

/** An id that no other `up` has. */
export function newId(): string {
  return randomBytes(3).toString('hex');
}

export function stateFile(id: string): string {
  return join(upFolder(), `${id}.json`);
}

/** Makes this process's `up` be found. @throws EnvironmentError */
export function writeState(id: string, control: UpState['control']): void {
  const owner = identify(process.pid);
  if (!owner) {
    throw new EnvironmentError(
      `cannot tell when process ${process.pid}, this one, was started`,
      'make /proc (or the program ps) available to the harness',
    );
  }
  const state: UpState = { format: 1, id, owner, processIdSpace: processIdSpace(), control };
  writing(() => {
    // By a rename, so that nobody reads half of it.
    const fresh = `${stateFile(id)}.new`;
    writeFileSync(fresh, JSON.stringify(state, undefined, 2), { mode: 0o600, flag: 'wx' });
    renameSync(fresh, stateFile(id));
  });
}

/** No longer found. */
export function removeState(id: string): void {
  for (const file of [stateFile(id), `${stateFile(id)}.new`]) rmSync(file, { force: true });
}

/** Every `up` that runs, and can be reached from here; what dead ones left is removed. */
export function runningUps(): UpState[] {
  const here = processIdSpace();
  return idsWithFiles().flatMap((id) => {
    const state = readState(id);
    // Another container's, in a folder that both see: its loopback is not ours.
    if (state && state.processIdSpace.boot === here.boot && state.processIdSpace.namespace !== here.namespace)
      return [];
    if (state && state.processIdSpace.boot === here.boot && stillRuns(state.owner)) return [state];
    // Its boot is over, or its process is gone. What cannot be read at all may be gone by itself.
    if (state) removeState(id);
    return [];
  });
}

function idsWithFiles(): string[] {
  try {
    return readdirSync(upFolder())
      .flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : []))
      .filter((id) => ID.test(id))
      .sort();
  } catch {
    // Nothing was ever up here.
    return [];
  }
}

function readState(id: string): UpState | undefined {
  try {
    const { uid } = lstatSync(stateFile(id));
    // What another user put there could lead a token, and the faults, to a server of theirs.
    if (process.getuid && uid !== process.getuid()) return undefined;
    return stateSchema.parse(JSON.parse(readFileSync(stateFile(id), 'utf8')));
  } catch {
    return undefined;
  }
}

function writing<T>(write: () => T): T {
  try {
    makeFolders(upFolder(), 0o700);
    return write();
  } catch (error) {
    throw new EnvironmentError(
      `cannot leave word of what is up in ${upFolder()}: ${(error as Error).message}`,
      'free some space there, or set TEMPO_S3_CHAOS_STATE to a folder of your own that can be written',
      { cause: error },
    );
  }
}
