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
  /** When the last page was written. */
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

  constructor(
    readonly id: string,
    readonly tenant: string,
    readonly startTime: Date,
    disk: LocalDisk,
    random: Random,
    /** Closed ones that are there already. */
    pages: readonly WalPage[] = [],
  ) {
    this.#disk = disk;
    this.#random = random;
    this.#pages = [...pages];
  }

  /** As Tempo names it: `wal/<block>+<tenant>+vParquet4`. */
  get folder(): string {
    return walFolder(this.id, this.tenant);
  }

  /** Bytes in closed pages. */
  get bytes(): number {
    return this.#pages.reduce((sum, { size }) => sum + size, 0);
  }

  /** The files of the closed pages, in order. */
  get pages(): readonly string[] {
    return this.#pages.map(({ path }) => path);
  }

  /**
   * Writes the next page: `bytes` seeded bytes. `at`: the time of the last of them.
   * @throws Error of the disk: these bytes are lost, as in Tempo, and the next page is another one.
   */
  async append(bytes: number, at: Date): Promise<void> {
    const page = { path: `${this.folder}/${String(++this.#written).padStart(10, '0')}`, size: bytes };
    const meta: WalMeta = {
      blockID: this.id,
      tenantID: this.tenant,
      startTime: this.startTime.toISOString(),
      endTime: at.toISOString(),
      pages: Object.fromEntries([...this.#pages, page].map(({ path, size }) => [nameOf(path), size])),
    };
    await this.#disk.write(`${this.folder}/meta.json`, text(JSON.stringify(meta)));
    await this.#disk.write(page.path, seeded(this.#random, bytes, 'page', this.id, this.#written));
    this.#pages.push(page);
  }
}

export function walFolder(block: string, tenant: string): string {
  return `wal/${block}+${tenant}+${blockFormat}`;
}

/** The name of a file in its folder. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
