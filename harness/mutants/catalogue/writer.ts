/** Bugs of the writer: what it takes in, keeps on its disk, and copies to S3. */
import type { MutantOfRun } from '../mutant.ts';

export const writerMutants: readonly MutantOfRun[] = [
  {
    name: 'meta-first',
    what: 'A block is copied in the reverse order, its meta.json first.',
    edits: [
      {
        file: 'harness/writer/local-block.ts',
        find: 'for (const { name, sha256 } of this.objects) {',
        replace: 'for (const { name, sha256 } of [...this.objects].reverse()) {',
      },
    ],
    scenario: 'healthy',
    client: 'minio',
    caughtBy: 'atomicity',
  },
  {
    name: 'flushed-before-meta',
    what: 'A flush does not wait for its last object: the block is marked flushed, whatever becomes of its meta.json.',
    edits: [
      {
        file: 'harness/writer/local-block.ts',
        find: 'await store.putObject(key, body, signal).catch((error) => {',
        replace:
          "if (name === 'meta.json') { void store.putObject(key, body, signal).catch(() => {}); continue; }\n await store.putObject(key, body, signal).catch((error) => {",
      },
    ],
    scenario: 'meta-refused.yaml',
    client: 'aws-sdk',
    caughtBy: 'durability',
  },
  {
    name: 'slow-bloom-skipped',
    what: 'A bloom that takes longer than a quarter of a second is left out.',
    edits: [
      {
        file: 'harness/writer/local-block.ts',
        find: 'await store.putObject(key, body, signal).catch((error) => {',
        replace:
          "const patience = name.startsWith('bloom') ? AbortSignal.any([signal, AbortSignal.timeout(250)]) : signal;\n await store.putObject(key, body, patience).catch((error) => {\n if (patience !== signal) return;",
      },
    ],
    scenario: 'slow-blooms.yaml',
    client: 'minio',
    caughtBy: 'durability',
  },
  {
    name: 'index-forgotten',
    what: 'The index of a block is never copied.',
    edits: [
      {
        file: 'harness/writer/local-block.ts',
        find: 'for (const { name, sha256 } of this.objects) {',
        replace: "for (const { name, sha256 } of this.objects.filter((object) => object.name !== 'index')) {",
      },
    ],
    scenario: 'healthy',
    client: 'aws-sdk',
    caughtBy: 'durability',
  },
  {
    name: 'two-ids',
    what: 'A block is flushed twice, the second time under another id.',
    edits: [
      {
        file: 'harness/writer/block-writer.ts',
        find: 'await block.copyTo(store, this.#keyPrefix(block.id), signal);',
        replace:
          "await block.copyTo(store, this.#keyPrefix(block.id), signal);\n await block.copyTo(store, this.#keyPrefix(block.id.replace(/^........../, '00000000-0')), signal);",
      },
    ],
    scenario: 'healthy',
    client: 'minio',
    caughtBy: 'no-phantoms',
  },
  {
    name: 'flush-lost-after-failure',
    what: 'A flush that failed is not dealt to a queue again.',
    edits: [
      {
        file: 'harness/writer/flush-queues.ts',
        find: 'if (retryIn !== undefined) return dealIn(retryIn);',
        replace: 'if (retryIn !== undefined) return;',
      },
    ],
    scenario: 'outage.yaml',
    client: 'minio',
    caughtBy: 'recovered-within',
  },
  {
    name: 'failed-flush-believed',
    what: 'A flush that failed, but not by its deadline, counts as done.',
    edits: [
      {
        file: 'harness/writer/flush-queues.ts',
        find: 'if (failure === undefined) {',
        replace: 'if (failure === undefined || !deadlineExceeded) {',
      },
    ],
    scenario: 'outage.yaml',
    client: 'aws-sdk',
    caughtBy: 'durability',
  },
  {
    name: 'no-wait-between-flushes',
    what: 'A flush that failed is tried again at once.',
    edits: [
      {
        file: 'harness/writer/flush-queues.ts',
        find: 'if (retryIn !== undefined) return dealIn(retryIn);',
        replace: 'if (retryIn !== undefined) return dealIn(0);',
      },
    ],
    scenario: 'denied.yaml',
    client: 'minio',
    caughtBy: 'amplification',
  },
  {
    name: 'deadline-restarts',
    what: 'The deadline of a flush begins again with each attempt of each request.',
    edits: [
      {
        file: 'harness/writer/flush-queues.ts',
        find: ': this.#clock.after(flushOpTimeout, () => controller.abort(new DeadlineExceeded(flushOpTimeout)));',
        replace: `: () => {};
    const end = () => controller.abort(new DeadlineExceeded(flushOpTimeout));
    let cancelLast = this.#clock.after(flushOpTimeout, end);
    Object.assign(controller.signal, {
      restart: () => { cancelLast(); cancelLast = this.#clock.after(flushOpTimeout, end); },
    });`,
      },
      {
        file: 'harness/object-store/tempo-requests.ts',
        find: 'for (let turn = 1; ; turn++) {',
        replace: 'for (let turn = 1; ; turn++) {\n (signal as { restart?: () => void }).restart?.();',
      },
    ],
    scenario: 'flush-op-timeout',
    client: 'minio',
    caughtBy: 'deadline-exceeded',
    says: 'pass',
  },
  {
    name: 'cleared-before-flushed',
    what: 'A local block is cleared when it is old enough, flushed or not.',
    edits: [
      {
        file: 'harness/writer/block-writer.ts',
        find: 'const { clock, store } = this.#ports;',
        replace: 'const { clock, store } = this.#ports;\n this.#flushed.add(block, endTime, clock.date());',
      },
    ],
    scenario: 'cleared-late.yaml',
    client: 'minio',
    caughtBy: 'durability',
  },
  {
    name: 'wal-not-replayed',
    what: 'A start leaves the WAL of the process before it where it is.',
    edits: [
      {
        file: 'harness/writer/replay.ts',
        find: 'completing.push(new HeadBlock(id, tenant, new Date(meta.startTime), disk, random, kept));',
        replace: '',
      },
    ],
    scenario: 'kill.yaml',
    client: 'minio',
    caughtBy: 'recovered-within',
  },
  {
    name: 'wal-deleted',
    what: 'A start deletes the WAL of the process before it.',
    edits: [
      {
        file: 'harness/writer/replay.ts',
        find: 'completing.push(new HeadBlock(id, tenant, new Date(meta.startTime), disk, random, kept));',
        replace: 'await disk.remove(folder);',
      },
    ],
    scenario: 'kill.yaml',
    client: 'aws-sdk',
    caughtBy: 'conservation',
  },
  {
    name: 'wal-deleted-after-outage',
    what: 'A start that had to be tried again, since S3 was away, deletes the WAL.',
    edits: [
      {
        file: 'harness/subject/start-assigned-writer.ts',
        find: 'const faultyDisk = new FaultyDisk(new RealDisk(disk), diskFaults, { writer, clock, record });',
        replace:
          "const real = new RealDisk(disk);\n if (incarnation > 2) await real.remove('wal');\n const faultyDisk = new FaultyDisk(real, diskFaults, { writer, clock, record });",
      },
    ],
    scenario: 'crash-during-outage',
    client: 'minio',
    caughtBy: 'conservation',
  },
  {
    name: 'waiting-blocks-deleted',
    what: 'A start deletes the local blocks that were not flushed yet.',
    edits: [
      {
        file: 'harness/writer/replay.ts',
        find: 'waiting.push({ block, endTime: meta.endTime });',
        replace: 'await disk.remove(block.folder);',
      },
    ],
    scenario: 'writer-crash-2',
    client: 'minio',
    caughtBy: 'durability',
  },
  {
    name: 'acknowledged-before-kept',
    what: 'A tenth of what is pushed is acknowledged and not kept.',
    edits: [
      {
        file: 'harness/writer/live-traces.ts',
        find: 'this.#live.bytes += bytes;',
        replace: 'cohort.bytes -= Math.floor(bytes / 10);\n this.#live.bytes += bytes - Math.floor(bytes / 10);',
      },
    ],
    scenario: 'healthy',
    client: 'minio',
    caughtBy: 'conservation',
  },
  {
    name: 'page-dropped-at-rotation',
    what: 'The first page after a block was cut is written to the disk, and belongs to no block.',
    edits: [
      {
        file: 'harness/writer/head-block.ts',
        find: 'this.#pages.push(page);',
        replace: 'if (number > 1) this.#pages.push(page);',
      },
    ],
    scenario: 'healthy',
    client: 'aws-sdk',
    caughtBy: 'conservation',
  },
  {
    name: 'last-page-not-completed',
    what: 'The last page of the WAL is left out when a block is completed.',
    edits: [
      {
        file: 'harness/writer/complete-block.ts',
        find: "await write('data.parquet', files(head.pages));",
        replace: "await write('data.parquet', files(head.pages.slice(0, -1)));",
      },
    ],
    scenario: 'healthy',
    client: 'minio',
    caughtBy: 'conservation',
  },
];
