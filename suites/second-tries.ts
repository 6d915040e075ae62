/** Names the tests that passed at their second try only, at the end of a run: in CI each has two (vitest.config.ts). */
import type { Reporter, TestCase } from 'vitest/node';

export default class SecondTries implements Reporter {
  readonly #flaky: string[] = [];

  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky) this.#flaky.push(`${test.module.relativeModuleId}: ${test.fullName}`);
  }

  onTestRunEnd(): void {
    for (const name of this.#flaky) process.stdout.write(`PASSED AT THE SECOND TRY ${name}\n`);
  }
}
