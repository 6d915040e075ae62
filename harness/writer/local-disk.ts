/**
 * The port to a writer's local disk, where its WAL and its local blocks are. What a file is to hold is described rather than
 * handed over as bytes, so that a disk in virtual time holds blocks of 500 MiB without memory or work.
 */
import type { Body } from '../object-store/s3-operations.ts';
import type { Key, Random } from '../random.ts';

/** What a file is to hold. */
export type Content =
  /** A few literal bytes, in UTF-8. */
  | { readonly kind: 'text'; readonly text: string }
  /** `Random.stream(size, ...key)`. */
  | { readonly kind: 'seeded'; readonly size: number; readonly random: Random; readonly key: Key }
  /** The bytes of other files of the same disk, one file after another. */
  | { readonly kind: 'files'; readonly paths: readonly string[] }
  /** Another content, of which no byte reaches the disk before it was let through. */
  | { readonly kind: 'gated'; readonly content: Content; readonly gate: Gate };

/**
 * Resolves, when the time has come, with how many of the next `bytes` may pass: one at least, and 0 only where 0 are asked for, which
 * is done once, before anything else. @throws what the disk fails with: what has passed until then stays.
 */
export type Gate = (bytes: number) => Promise<number>;

export interface Written {
  size: number;
  /** Hex. Computed while the bytes were written, not by reading them back. */
  sha256: string;
}

export interface ListedFile {
  path: string;
  size: number;
}

/** Paths are relative to the disk, with `/` between folders. */
export interface LocalDisk {
  /**
   * Makes the file, and the folders above it, or replaces what it held.
   * @throws Error that names the path, when the disk is full or cannot be written. A part of the file may be there.
   */
  write(path: string, content: Content): Promise<Written>;
  /**
   * The bytes of a file, to be sent as often as needed. `sha256`, in hex, if it is known: the file is then not read to find it.
   * @throws Error that names the path, when there is no such file.
   */
  read(path: string, sha256?: string): Promise<Body>;
  /** Deletes a file, or a folder with all that is in it. Nothing happens when it is not there. */
  remove(path: string): Promise<void>;
  /** Every file in a folder and in those below it, in the order of their paths; of the whole disk with ''. None when it is not there. */
  list(folder: string): Promise<ListedFile[]>;
}

export const text = (text: string): Content => ({ kind: 'text', text });

export const seeded = (random: Random, size: number, ...key: Key): Content => ({ kind: 'seeded', size, random, key });

export const files = (paths: readonly string[]): Content => ({ kind: 'files', paths });
