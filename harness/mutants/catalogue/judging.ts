/** Bugs of what records, reads back and judges. */
import type { Mutant } from '../mutant.ts';

export const judgingMutants: readonly Mutant[] = [
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
];
