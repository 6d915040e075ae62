/** Bugs of the compactor. */
import type { MutantOfRun } from '../mutant.ts';

export const compactorMutants: readonly MutantOfRun[] = [
  {
    name: 'inputs-marked-first',
    what: 'The compactor marks its inputs before its output is written.',
    edits: [
      {
        file: 'harness/compactor/compactor.ts',
        find: 'const block = await writeCompactedBlock(task, { store, random }, progress, signal);\n      failure = await markCompacted(inputs, folder, store, progress, signal);',
        replace:
          'failure = await markCompacted(inputs, folder, store, progress, signal);\n      const block = await writeCompactedBlock(task, { store, random }, progress, signal);',
      },
      {
        file: 'harness/compactor/compact-blocks.ts',
        find: '/meta.json`, signal)) continue;',
        replace: '/meta.compacted.json`, signal)) continue;',
      },
    ],
    scenario: 'compactor-slowdown',
    client: 'minio',
    caughtBy: 'compaction',
  },
  {
    name: 'compacted-meta-first',
    what: 'The compactor writes the meta.json of its block before the index.',
    edits: [
      {
        file: 'harness/compactor/compact-blocks.ts',
        find: "await put('index', Buffer.from(indexJson(output, data.rowGroups, random)));",
        replace: '',
      },
      {
        file: 'harness/compactor/compact-blocks.ts',
        find: "await put('meta.json', Buffer.from(meta));",
        replace:
          "await put('meta.json', Buffer.from(meta));\n await put('index', Buffer.from(indexJson(output, data.rowGroups, random)));",
      },
    ],
    scenario: 'compactor-healthy',
    client: 'aws-sdk',
    caughtBy: 'compaction',
  },
  {
    name: 'compacted-half',
    what: 'The compactor leaves the last range of its inputs out of its block.',
    edits: [
      {
        file: 'harness/compactor/compact-blocks.ts',
        find: 'rowGroup.push(range);\n    buffered += range.length;',
        replace: 'if (rowGroup.length > 0) continue;\n    rowGroup.push(range);\n    buffered += range.length;',
      },
    ],
    scenario: 'compactor-healthy',
    client: 'minio',
    caughtBy: 'durability',
  },
];
