/**
 * Whether the history can be judged at all: nothing of it is missing, nothing of the harness broke, and what the client sent went
 * through the gateway.
 */
import type { AttemptEvent, EdgeEvent, HistoryEvent, PhaseEvent } from '../history/events.ts';
import type { Checker, Finding, RunningChecker } from './checker.ts';
import { counted, listed } from './counted.ts';

const name = 'history-whole';

const phases: readonly PhaseEvent['phase'][] = ['lease', 'steady-state', 'timeline', 'drain', 'final-read', 'judging'];

/** Examples that are kept for a message. */
const EXAMPLES = 5;

export const historyWhole: Checker = {
  name,
  invariant:
    'The history is complete and in order, nothing of the harness or the environment broke, all that was leased was released, and every answered attempt passed the gateway.',
  kind: 'validity',
  start: () => new HistoryWhole(),
};

class HistoryWhole implements RunningChecker {
  readonly #problems: string[] = [];
  /** Every attempt id so far. */
  readonly #attempts = new Set<string>();
  /** Attempts answered by S3 that the gateway has not been seen to pass yet, with what they were. */
  readonly #unseen = new Map<string, string>();
  /** Exchanges at the gateway whose attempt has not ended yet, as the client sees it. */
  readonly #early = new Set<string>();
  readonly #twice: string[] = [];
  readonly #broken: string[] = [];
  readonly #unreleased: string[] = [];
  /** Writers whose disk was told of: one error is enough. */
  readonly #brokenDisks = new Set<string>();
  #events = 0;
  #last = Number.NEGATIVE_INFINITY;
  #phase = -1;
  #finalObjects = 0;
  #finalRead: number | undefined;

  see(event: HistoryEvent): void {
    this.#events++;
    if (event.type === 'scenario' ? this.#events > 1 : this.#events === 1) {
      this.#problems.push(
        event.type === 'scenario'
          ? 'the scenario is not its first event, or is there twice'
          : `it begins with ${event.type} instead of the scenario`,
      );
    }
    if (event.t < this.#last) {
      const problem = 'its events are not in the order of time';
      if (!this.#problems.includes(problem)) this.#problems.push(problem);
    }
    this.#last = event.t;

    switch (event.type) {
      case 'phase':
        this.#entered(event);
        break;
      case 'attempt':
        this.#attempted(event);
        break;
      case 'edge':
        this.#passed(event);
        break;
      case 'final.object':
        this.#finalObjects++;
        break;
      case 'final.read':
        this.#finalRead = event.objects;
        break;
      case 'harness.error':
        this.#broken.push(`the harness broke: ${event.message}`);
        break;
      case 'release.error':
        this.#unreleased.push(event.message);
        break;
      case 'writer.error':
        // What a fault does to a disk or a process ends no writer: what does is not what is being judged.
        this.#broken.push(`writer ${event.writer} failed, which no fault of the scenario asked for: ${event.message}`);
        break;
      case 'disk':
        if (event.error === undefined || event.rule !== undefined || this.#brokenDisks.has(event.writer)) return;
        this.#brokenDisks.add(event.writer);
        this.#broken.push(
          `the disk of writer ${event.writer} failed, which no fault of the scenario asked for: ${event.operation} of ${event.path}: ${event.error}`,
        );
        break;
    }
  }

  findings(): Finding[] {
    const problems = [...this.#problems];
    if (this.#finalRead === undefined) problems.push('the final read is missing: the run did not come to its end');
    else if (this.#finalRead !== this.#finalObjects) {
      problems.push(`the final read found ${counted(this.#finalRead, 'object')}, and ${this.#finalObjects} are in it`);
    }
    if (this.#twice.length > 0) {
      problems.push(`attempts have an id that was there before: ${listed(this.#twice)}`);
    }
    // What broke comes first: what is missing follows from it.
    const findings: Finding[] = this.#broken.map(inconclusive);
    findings.push(...problems.map((problem) => inconclusive(`the history is not whole: ${problem}`)));
    for (const message of this.#unreleased) {
      findings.push({
        checker: name,
        verdict: 'fail',
        message: `what the scenario had leased could not be released: ${message}`,
      });
    }
    if (this.#unseen.size > 0) {
      const examples = listed([...this.#unseen.values()]);
      findings.push(
        inconclusive(
          `traffic did not pass the gateway: ${this.#unseen.size} of ${counted(this.#attempts.size, 'attempt')} were answered by S3 without having been seen there (${examples}), so no fault could touch them`,
        ),
      );
    }
    if (findings.length > 0) return findings;
    const message = `${counted(this.#events, 'event')}, ${counted(this.#attempts.size, 'attempt')}, each one that was answered seen at the gateway`;
    return [{ checker: name, verdict: 'pass', message }];
  }

  #entered({ phase }: PhaseEvent): void {
    const place = phases.indexOf(phase);
    if (place <= this.#phase) {
      this.#problems.push(`the phase ${phase} comes after ${phases[this.#phase]}`);
    }
    this.#phase = Math.max(this.#phase, place);
  }

  #attempted({ id, status, operation, key }: AttemptEvent): void {
    if (this.#attempts.has(id)) {
      if (this.#twice.length < EXAMPLES) this.#twice.push(id);
      return;
    }
    this.#attempts.add(id);
    if (this.#early.delete(id)) return;
    if (status !== undefined) this.#unseen.set(id, `${operation} ${key}`);
  }

  #passed({ id }: EdgeEvent): void {
    if (id === undefined || this.#unseen.delete(id)) return;
    // The client has ended it already, without an answer.
    if (this.#attempts.has(id)) return;
    this.#early.add(id);
  }
}

function inconclusive(message: string): Finding {
  return { checker: name, verdict: 'inconclusive', message };
}
