/** Checkers that were started for one history. What one of them counts beside its findings is not counted a second time: it is asked for it. */
import type { Audience } from '../checkers/audience.ts';
import type { CheckContext, Checker, Finding, RunningChecker } from '../checkers/checker.ts';

export class StartedCheckers {
  readonly #running = new Map<Checker, RunningChecker>();

  constructor(checkers: readonly Checker[], context: CheckContext) {
    for (const checker of checkers) this.#running.set(checker, checker.start(context));
  }

  invite(audience: Audience): void {
    for (const [{ reads }, running] of this.#running) audience.add(running, reads);
  }

  /** As what its own `start` gives. @throws Error when it was not started here. */
  of<Running extends RunningChecker>(checker: Checker & { start(context: CheckContext): Running }): Running {
    const running = this.#running.get(checker);
    if (!running) throw new Error(`judge: the checker ${checker.name} was not started here`);
    return running as Running;
  }

  /** By the checker's name. */
  findings(): Record<string, Finding[]> {
    return Object.fromEntries([...this.#running].map(([{ name }, running]) => [name, running.findings()]));
  }
}
