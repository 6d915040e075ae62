/** What a MinIO of its own keeps its data on: a folder, or a file system of a size of its own, which can be filled. */
import type { ProgramCommand } from './program-command.ts';
import type { RunningProgram } from './running-program.ts';

/** A file system that nothing but one MinIO's data is on. */
export interface LimitedSpace {
  limited: true;
  bytes: number;
  /**
   * Leaves no more than `free` bytes to who writes there.
   * @throws Error when fewer are left already, or when it cannot be done.
   */
  fill(free: number): Promise<void>;
  /** Gives back what `fill` took. */
  empty(): Promise<void>;
}

/** Why there is no limit, and what it would take. */
export interface UnlimitedSpace {
  limited: false;
  problem: string;
  remedy: string;
}

export const NOT_ASKED_FOR: UnlimitedSpace = {
  limited: false,
  problem: 'its data is in a folder, on a disk that it shares with others',
  remedy: 'start it with a data disk of its own (`up --limited-disk`)',
};

export interface DataDisk {
  /** MinIO's data folder, as MinIO sees it. */
  readonly folder: string;
  readonly space: LimitedSpace | UnlimitedSpace;
  /** Runs a program that sees the folder. */
  launch(command: ProgramCommand): Promise<RunningProgram>;
  /** Deletes all that is on it. Nothing may run on it any more. */
  close(): Promise<void>;
}
