/**
 * The block that data is taken into: a folder of the WAL, with one file for each page and a meta.json.
 *
 * As in Tempo, each page is written when traces are cut, after the block's meta.json was written anew, in place; a page is closed once
 * it is written whole. meta.json says here how large each page is to be: what is shorter is not closed, which in Tempo the footer of a
 * Parquet file tells.
 */
import type { Random } from '../random.ts';
import { blockFormat } from './block-meta.ts';
import { type LocalDisk, seeded, text } from './local-disk.ts';

/** What the meta.json of a WAL block says. Times are ISO 8601. */
export interface WalMeta {
  blockID: string;
  tenantID: string;
  startTime: string;
  /** Of the last span. */
  endTime: string;
  /** Bytes of each page, by the name of its file. */
  pages: Record<string, number>;
}

export interface WalPage {
  path: string;
  size: number;
}

export class HeadBlock {
  readonly #disk: LocalDisk;
  readonly #random: Random;
  readonly #pages: WalPage[];
  #written = 0;
  #endTime: Date;

  constructor(
    readonly id: string,
    readonly tenant: string,
    readonly startTime: Date,
    disk: LocalDisk,
    random: Random,
    /** What is there already: closed pages, and the time of the last span in them. */
    found?: { pages: readonly WalPage[]; endTime: Date },
  ) {
    this.#disk = disk;
    this.#random = random;
    this.#pages = [...(found?.pages ?? [])];
    this.#endTime = found?.endTime ?? startTime;
  }

  /** As Tempo names it: `wal/<block>+<tenant>+vParquet4`. */
  get folder(): string {
    return walFolder(this.id, this.tenant);
  }

  /** Bytes in closed pages. */
  get bytes(): number {
    return this.#pages.reduce((sum, { size }) => sum + size, 0);
  }

  /** Of the last span in its closed pages. */
  get endTime(): Date {
    return this.#endTime;
  }

  /** The files of the closed pages, in order. */
  get pages(): readonly string[] {
    return this.#pages.map(({ path }) => path);
  }

  /**
   * Writes the next page: `bytes` seeded bytes. `at`: the time of the last of them. Gives its number, counted from 1.
   * @throws Error of the disk: these bytes are lost, as in Tempo, and the next page is another one.
   */
  async append(bytes: number, at: Date): Promise<number> {
    const number = ++this.#written;
    const endTime = at > this.#endTime ? at : this.#endTime;
    const page = { path: `${this.folder}/${String(number).padStart(10, '0')}`, size: bytes };
    const meta: WalMeta = {
      blockID: this.id,
      tenantID: this.tenant,
      startTime: this.startTime.toISOString(),
      endTime: endTime.toISOString(),
      pages: Object.fromEntries([...this.#pages, page].map(({ path, size }) => [nameOf(path), size])),
    };
    await this.#disk.write(this.#metaFile, text(JSON.stringify(meta)));
    await this.#disk.write(page.path, seeded(this.#random, bytes, 'page', this.id, number));
    this.#pages.push(page);
    this.#endTime = endTime;
    return number;
  }

  /**
   * Deletes it, its meta.json first: what a process that is killed among the files leaves is no WAL block then (docs/decisions/093).
   * @throws Error of the disk.
   */
  async remove(): Promise<void> {
    await this.#disk.remove(this.#metaFile);
    await this.#disk.remove(this.folder);
  }

  get #metaFile(): string {
    return `${this.folder}/meta.json`;
  }
}

export function walFolder(block: string, tenant: string): string {
  return `wal/${block}+${tenant}+${blockFormat}`;
}

/** The name of a file in its folder. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
