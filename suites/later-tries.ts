/** Names the tests that passed at a later try only, and why not at those before, at the end of a run: in CI each has three (vitest.config.ts). */
import type { Reporter, TestCase } from 'vitest/node';

const MOST_CHARACTERS = 600;

export default class LaterTries implements Reporter {
  readonly #flaky: string[] = [];

  onTestCaseResult(test: TestCase): void {
    const { flaky, retryCount } = test.diagnostic() ?? {};
    if (!flaky) return;
    const why = (test.result().errors ?? []).map(({ message }) =>
      message.replaceAll('\n', ' ').slice(0, MOST_CHARACTERS),
    );
    this.#flaky.push(`(${retryCount}) ${test.module.relativeModuleId}: ${test.fullName}: ${why.join(' / ')}`);
  }

  onTestRunEnd(): void {
    for (const text of this.#flaky) process.stdout.write(`PASSED AT A LATER TRY ${text}\n`);
  }
}
