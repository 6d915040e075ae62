/** Names the tests that passed at their second try only, and why not at the first, at the end of a run: in CI each has two (vitest.config.ts). */
import type { Reporter, TestCase } from 'vitest/node';

const MOST_CHARACTERS = 600;

export default class SecondTries implements Reporter {
  readonly #flaky: string[] = [];

  onTestCaseResult(test: TestCase): void {
    if (!test.diagnostic()?.flaky) return;
    const why = test.result().errors?.[0]?.message.replaceAll('\n', ' ').slice(0, MOST_CHARACTERS);
    this.#flaky.push(`${test.module.relativeModuleId}: ${test.fullName}: ${why}`);
  }

  onTestRunEnd(): void {
    for (const text of this.#flaky) process.stdout.write(`PASSED AT THE SECOND TRY ${text}\n`);
  }
}
