/** Bugs of what no single run shows: replays, explorations, who is to blame, what is advised, secrets. Each is found by tests. */
import type { MutantOfTests } from '../mutant.ts';

export const besideARunMutants: readonly MutantOfTests[] = [
  {
    name: 'seal-not-looked-at',
    what: 'The seal of a history is read, and not compared with its lines.',
    edits: [
      {
        file: 'harness/history/seal.ts',
        find: 'if (found === expected) return;',
        replace: "if (found === expected || expected !== '') return;",
      },
    ],
    tests: 'harness/history/sealed.properties.test.ts',
  },
  {
    name: 'replay-compares-nothing',
    what: 'A replay says that its verdict is the one that was written, whatever was.',
    edits: [
      {
        file: 'harness/replay/replay.ts',
        find: 'comparable ? compare(comparable, result, whole) : [];',
        replace: 'comparable ? compare(comparable, result, whole).slice(0, 0) : [];',
      },
    ],
    tests: 'harness/replay/replay.test.ts',
  },
  {
    name: 'replay-of-half',
    what: 'A replay of a run from which a scenario is missing is a verdict of what is left.',
    edits: [
      {
        file: 'harness/replay/written-verdict.ts',
        find: 'if (missing.length === 0) return;',
        replace: 'if (missing.length >= 0) return;',
      },
    ],
    tests: 'harness/replay/replay.test.ts',
  },
  {
    name: 'shrunk-to-another-failure',
    what: 'A smaller timeline is taken for the same finding, by whatever checker it fails.',
    edits: [
      {
        file: 'harness/explore/explore-timelines.ts',
        find: 'return causesOf(tried.result).includes(cause);',
        replace: 'return causesOf(tried.result).length > 0;',
      },
    ],
    tests: 'harness/explore/explore-timelines.test.ts',
  },
  {
    name: 'confirmed-once',
    what: 'A finding counts as confirmed when one of three runs fails.',
    edits: [
      {
        file: 'harness/explore/explore-timelines.ts',
        find: 'times: failed.length,',
        replace: 'times: CONFIRMING_RUNS,',
      },
    ],
    tests: 'harness/explore/explore-timelines.test.ts',
  },
  {
    name: 'second-thread-sees-less',
    what: 'The second thread is shown no object of the final read.',
    edits: [
      {
        file: 'harness/verdict/second-share.ts',
        find: '.flatMap(listed),',
        replace: ".flatMap(listed).filter((type) => type !== 'final.object'),",
      },
    ],
    tests: 'harness/verdict/judge-in-two.test.ts',
  },
  {
    name: 'decision-not-told',
    what: 'The history does not say of a request that a fault let it pass by the seed.',
    edits: [
      {
        file: 'harness/gateway/rules.ts',
        find: 'if (n !== undefined) judged.push({ rule, n, acts: draw !== undefined });',
        replace: 'if (n !== undefined && draw) judged.push({ rule, n, acts: true });',
      },
    ],
    tests: 'harness/gateway/rules.test.ts',
  },
  {
    name: 'completions-for-free',
    what: "What the completion of a block lost is nobody's: the local disk is never to blame.",
    edits: [
      {
        file: 'harness/verdict/attribution/completions.ts',
        find: 'if (this.failed) return this.ms;',
        replace: 'if (this.ms >= 0) return 0;',
      },
    ],
    tests: 'harness/verdict/attribution/completions.test.ts',
  },
  {
    name: 'secret-by-alias',
    what: 'A secret that stands behind an alias is left in the config of the results.',
    edits: [
      {
        file: 'harness/tempo/redact.ts',
        find: 'const target = node && document.resolve(node);',
        replace: 'const target = isAlias(node) ? null : node;',
      },
    ],
    tests: 'harness/tempo/redact.test.ts',
  },
  {
    name: 'advice-the-wrong-way',
    what: 'Who has blocks that wait for others to be flushed is told to flush fewer at a time.',
    edits: [
      {
        file: 'harness/verdict/blame-advice.ts',
        find: 'Blocks wait while others are flushed: more flushes',
        replace: 'Blocks wait while others are flushed: fewer flushes',
      },
    ],
    tests: 'harness/verdict/blame-advice.test.ts',
  },
  {
    name: 'refused-taken-for-unanswered',
    what: 'After the last heal a request that was refused is taken for one that a busy machine did not answer in time.',
    edits: [
      {
        file: 'harness/checkers/path-healed.ts',
        find: 'failed.every(({ unanswered }) => unanswered)',
        replace: 'failed.length > 0',
      },
    ],
    tests: 'harness/checkers/path-healed.test.ts',
  },
  {
    name: 'replicas-for-free',
    what: 'What an ingester has to take in does not grow with the replication factor.',
    edits: [
      {
        file: 'harness/tempo/budget.ts',
        find: 'Math.min(deployment.replicationFactor, deployment.ingesters)',
        replace: 'Math.min(1, deployment.ingesters)',
      },
    ],
    tests: 'harness/tempo/budget.test.ts',
  },
];
