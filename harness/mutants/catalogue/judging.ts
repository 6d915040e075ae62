/** Bugs of what records, reads back and judges. */
import type { MutantOfRun } from '../mutant.ts';

export const judgingMutants: readonly MutantOfRun[] = [
  {
    name: 'wrong-bucket',
    what: 'The final read looks into a bucket of another name.',
    edits: [
      {
        file: 'harness/object-store/direct-reader.ts',
        find: 'paginateListObjectsV2({ client }, { Bucket: s3.bucket,',
        replace: 'paginateListObjectsV2({ client }, { Bucket: `other-bucket`,',
      },
    ],
    scenario: 'healthy',
    client: 'minio',
    caughtBy: 'history-whole',
    says: 'inconclusive',
  },
  {
    name: 'wrong-folder',
    what: 'The final read looks below a prefix that nobody writes to.',
    edits: [
      {
        file: 'harness/object-store/direct-reader.ts',
        find: 'Prefix: s3.prefix })) {',
        replace: "Prefix: 'other/' })) {",
      },
    ],
    scenario: 'healthy',
    client: 'aws-sdk',
    caughtBy: 'durability',
  },
  {
    name: 'object-not-read',
    what: 'The final read leaves the first object out.',
    edits: [
      {
        file: 'harness/object-store/direct-reader.ts',
        find: 'await pooled(listed, READ_AT_ONCE, async (key) => {',
        replace: 'await pooled(listed.slice(1), READ_AT_ONCE, async (key) => {',
      },
    ],
    scenario: 'healthy',
    client: 'minio',
    caughtBy: 'durability',
  },
  {
    name: 'hash-not-compared',
    what: 'Of an object that is read back only the size is compared.',
    edits: [
      {
        file: 'harness/checkers/block-tally.ts',
        find: 'if (expected.size === size && expected.sha256 === sha256) this.#same[index] = 1;',
        replace: 'if (expected.size === size) this.#same[index] = 1;',
      },
    ],
    scenario: 'corrupt-body-2',
    client: 'minio',
    caughtBy: 'durability',
    says: 'pass',
  },
  {
    name: 'visible-from-flush',
    what: 'The time until a block is visible is counted from its last flush, and not from its cut.',
    edits: [
      {
        file: 'harness/checkers/visible-within.ts',
        find: "case 'block.dropped':\n        this.#dropped.add(event.block);",
        replace:
          "case 'flush.start':\n        this.#waiting.set(event.block, event.t);\n        break;\n      case 'block.dropped':\n        this.#dropped.add(event.block);",
      },
    ],
    scenario: 'late.yaml',
    client: 'minio',
    caughtBy: 'visible-within',
    says: 'pass',
  },
  {
    name: 'lateness-not-measured',
    what: 'No process tells how late it was.',
    edits: [
      {
        file: 'harness/process/lateness.ts',
        find: 'report({ t, type:',
        replace: '((_: unknown) => {})({ t, type:',
      },
    ],
    scenario: 'slowdown-sustained',
    client: 'minio',
    caughtBy: 'harness-on-time',
    says: 'inconclusive',
  },
  {
    name: 'lateness-always-excuses',
    what: 'Every missed budget is put down to the harness having been late.',
    edits: [
      {
        file: 'harness/verdict/excuse-lateness.ts',
        find: "kindOf(finding.checker) === 'budget' && harness.against(finding).late;",
        replace: "kindOf(finding.checker) === 'budget';",
      },
    ],
    scenario: 'late.yaml',
    client: 'aws-sdk',
    caughtBy: 'visible-within',
    says: 'inconclusive',
  },
  {
    name: 'gateway-clock-behind',
    what: 'The clock of the gateway is a second behind that of the other processes.',
    edits: [
      {
        file: 'harness/gateway/main.ts',
        find: 'const opened = await GatewayRoute.open(request, realClock);',
        replace:
          'const opened = await GatewayRoute.open(request, { ...realClock, now: () => realClock.now() - 1000 });',
      },
    ],
    scenario: 'healthy',
    client: 'minio',
    caughtBy: 'history-whole',
    says: 'inconclusive',
  },
  {
    name: 'writers-clock-behind',
    what: 'The clock of the writers is a second behind that of the other processes.',
    edits: [
      {
        file: 'harness/subject/main.ts',
        find: 'const host = new SubjectHost(send, startAssignedWriter, realClock);',
        replace:
          'const host = new SubjectHost(send, startAssignedWriter, { ...realClock, now: () => realClock.now() - 1000 });',
      },
    ],
    scenario: 'healthy',
    client: 'aws-sdk',
    caughtBy: 'history-whole',
    says: 'inconclusive',
  },
  {
    name: 'edge-event-dropped',
    what: 'The history lacks one of three exchanges that the gateway saw.',
    edits: [
      {
        file: 'harness/history/part.ts',
        find: 'readonly record: Recorder = (event: HistoryEvent) => {',
        replace:
          "readonly record: Recorder = (event: HistoryEvent) => {\n if (event.type === 'edge' && Math.floor(event.t) % 3 === 0) return;",
      },
    ],
    scenario: 'healthy',
    client: 'minio',
    caughtBy: 'history-whole',
    says: 'inconclusive',
  },
  {
    name: 'attempt-dropped',
    what: 'The history lacks one of three attempts of the client.',
    edits: [
      {
        file: 'harness/history/part.ts',
        find: 'readonly record: Recorder = (event: HistoryEvent) => {',
        replace:
          "readonly record: Recorder = (event: HistoryEvent) => {\n if (event.type === 'attempt' && Math.floor(event.t) % 3 === 0) return;",
      },
    ],
    scenario: 'healthy',
    client: 'aws-sdk',
    caughtBy: 'history-whole',
    says: 'inconclusive',
  },
  {
    name: 'push-dropped',
    what: 'The history lacks every tenth push.',
    edits: [
      {
        file: 'harness/history/part.ts',
        find: 'readonly record: Recorder = (event: HistoryEvent) => {',
        replace:
          "#pushes = 0;\n readonly record: Recorder = (event: HistoryEvent) => {\n if (event.type === 'push' && ++this.#pushes % 10 === 0) return;",
      },
    ],
    scenario: 'healthy',
    client: 'minio',
    caughtBy: 'conservation',
  },
  {
    name: 'no-drain',
    what: 'The writers are stopped as soon as the last fault is healed.',
    edits: [
      {
        file: 'harness/scenario/run-scenario.ts',
        find: 'const wait = budget + Math.max(LEAST_OVERTIME_MS, budget * OVERTIME_SHARE);',
        replace: 'const wait = budget * 0;',
      },
    ],
    scenario: 'slowdown-sustained',
    client: 'minio',
    caughtBy: 'recovered-within',
    says: 'inconclusive',
  },
  {
    name: 'checker-left-out',
    what: 'A checker is not started, so that the verdict is one of fewer invariants.',
    edits: [
      {
        file: 'harness/verdict/started-checkers.ts',
        find: 'for (const checker of checkers) this.#running',
        replace: "for (const checker of checkers.filter(({ name }) => name !== 'atomicity')) this.#running",
      },
    ],
    scenario: 'healthy',
    client: 'minio',
    caughtBy: 'atomicity',
    says: 'inconclusive',
  },
  {
    name: 'checker-shown-nothing',
    what: 'A checker is started, and is shown no event.',
    edits: [
      {
        file: 'harness/verdict/started-checkers.ts',
        find: 'for (const [{ reads }, running] of this.#running) audience',
        replace: "for (const [{ name, reads }, running] of this.#running) if (name !== 'atomicity') audience",
      },
    ],
    scenario: 'healthy',
    client: 'minio',
    caughtBy: 'atomicity',
    says: 'inconclusive',
  },
  {
    name: 'writers-lateness-not-told',
    what: 'The process of the writers does not tell how late it was; all others do.',
    edits: [
      {
        file: 'harness/subject/subject-host.ts',
        find: "running.stopWatching = watchLateness('subject', this.#clock, (event) => record({ ...event, writer: name }));",
        replace: '',
      },
    ],
    scenario: 'slowdown-sustained',
    client: 'minio',
    caughtBy: 'harness-on-time',
    says: 'inconclusive',
  },
  {
    name: 'reader-sees-nothing',
    what: 'The reader that polls the bucket during the run looks where no block is.',
    edits: [
      {
        file: 'harness/scenario/run-scenario.ts',
        find: 'folder: keyFolder(compressed.s3.prefix, TENANT),\n    every,',
        replace: "folder: 'other/',\n    every,",
      },
    ],
    scenario: 'healthy',
    client: 'minio',
    caughtBy: 'atomicity',
    says: 'inconclusive',
  },
  {
    name: 'reader-never-polls',
    what: 'The reader that is to poll the bucket during the run never does.',
    edits: [
      {
        file: 'harness/scenario/run-scenario.ts',
        find: 'reader = startReader(stage, lease);',
        replace: 'if (stage.clock.now() < 0) reader = startReader(stage, lease);',
      },
    ],
    scenario: 'healthy',
    client: 'aws-sdk',
    caughtBy: 'atomicity',
    says: 'inconclusive',
    uncaught:
      'The reader is a second witness: without it the S3 edge is the only one, and the verdict is as it says. What `atomicity` says of a pass then lacks that a reader polled.',
  },
  {
    name: 'compression-not-undone',
    what: 'A time that was measured is held against its budget as it passed, and not as the config would have it.',
    edits: [
      {
        file: 'harness/checkers/config-time.ts',
        find: 'return ms * compression.time;',
        replace: 'return compression.time > 0 ? ms : 0;',
      },
    ],
    scenario: 'late.yaml',
    client: 'minio',
    caughtBy: 'visible-within',
    says: 'pass',
  },
  {
    name: 'deadline-not-compressed',
    what: 'flush_op_timeout is the only time of the config that is not compressed, and so is longer than all others.',
    edits: [
      {
        file: 'harness/scenario/compression.ts',
        find: "          'flushOpTimeout',\n",
        replace: '',
      },
    ],
    scenario: 'flush-op-timeout',
    client: 'aws-sdk',
    caughtBy: 'deadline-exceeded',
    says: 'pass',
  },
  {
    name: 'drain-for-the-first-writer',
    what: 'The run is over when the first of its writers has flushed all.',
    edits: [
      {
        file: 'harness/scenario/run-scenario.ts',
        find: 'return told.done === load.writers;',
        replace: 'return told.done >= 1;',
      },
    ],
    scenario: 'one-slow-writer',
    client: 'minio',
    caughtBy: 'visible-within',
    says: 'inconclusive',
  },
  {
    name: 'wal-not-waited-for',
    what: 'A writer forgets what is in its WAL, and the run does not wait for what a WAL still holds.',
    edits: [
      {
        file: 'harness/writer/replay.ts',
        find: 'completing.push(new HeadBlock(id, tenant, new Date(meta.startTime), disk, random, kept));',
        replace: '',
      },
      {
        file: 'harness/scenario/run-scenario.ts',
        find: '(await isLeftInWal(disks, writers))',
        replace: '(await isLeftInWal([], writers))',
      },
    ],
    scenario: 'kill.yaml',
    client: 'minio',
    caughtBy: 'recovered-within',
    says: 'inconclusive',
  },
  {
    name: 'part-of-a-writer-left-out',
    what: 'The part of the history that one of thirty writers wrote is left out.',
    edits: [
      {
        file: 'harness/history/merge.ts',
        find: ".filter((file) => file.endsWith('.ndjson'))",
        replace: ".filter((file) => file.endsWith('.ndjson') && file !== 'ingester-7.ndjson')",
      },
    ],
    scenario: 'one-slow-writer',
    client: 'minio',
    caughtBy: 'history-whole',
    says: 'inconclusive',
  },
];
