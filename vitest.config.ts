import { defineConfig } from 'vitest/config';

// `npx vitest` runs unit and suites. The nightly project is hours of work, so it is there only when it is asked for by name.
const nightlyAsked = process.argv.some(
  (argument, index, all) =>
    argument === '--project=nightly' || (argument === 'nightly' && all[index - 1] === '--project'),
);

export default defineConfig({
  test: {
    globalSetup: ['./suites/build-first.ts'],
    maxConcurrency: 8,
    // docs/decisions/095: what passes only then is named at the end (suites/later-tries.ts).
    retry: process.env.CI ? 2 : 0,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['harness/**/*.test.ts'],
          // Vitest leaves a core to itself, which would be one of two.
          maxWorkers: '100%',
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'suites',
          include: ['suites/**/*.suite.ts'],
          // Scenarios run side by side within a file, on an environment that all of it shares; files one after another.
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 600_000,
          // After the unit tests, not beside them.
          sequence: { groupOrder: 1 },
        },
      },
      ...(nightlyAsked
        ? [
            {
              extends: true as const,
              test: {
                name: 'nightly',
                include: ['suites/**/*.nightly.ts'],
                fileParallelism: false,
                testTimeout: 3_600_000,
                hookTimeout: 600_000,
                sequence: { groupOrder: 2 },
              },
            },
          ]
        : []),
    ],
  },
});
