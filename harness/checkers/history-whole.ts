/**
 * Whether the history can be judged at all: nothing of it is missing, nothing of the harness broke, and what the client sent went
 * through the gateway.
 *
 * Client and gateway tell of the same exchanges, each in a process of its own, on one clock. So each has to know the other's:
 *
 * 1. An attempt that was answered passed the gateway.
 * 2. What passed the gateway under an attempt's id is an attempt of the client's. Only a writer that was killed did not live to tell.
 * 3. The gateway had the request after the client began it, and began to answer before the client had the answer: a process in which that
 *    is not so has another clock, and no time between the two means anything.
 *
 * Of all that, S3 is to know nothing: an attempt's id that reaches it makes another request of the one that is judged.
 */
import type { AttemptEvent, EdgeEvent, HistoryEvent, PhaseEvent } from '../history/events.ts';
import type { Checker, Finding, RunningChecker } from './checker.ts';
import { counted, listed } from './counted.ts';

const name = 'history-whole';

const phases: readonly PhaseEvent['phase'][] = ['lease', 'steady-state', 'timeline', 'drain', 'final-read', 'judging'];

/** Examples that are kept for a message. */
const EXAMPLES = 5;

/** The requests that the harness probes the path with are in the history as a `probe`. */
const PROBE = 'probe-';

export const historyWhole: Checker = {
  name,
  invariant:
    'The history is complete and in order, nothing of the harness or the environment broke, all that was leased was released, and every answered attempt passed the gateway, which tells of no other, nor of another time, and keeps their ids from S3.',
  kind: 'validity',
  reads: 'every event',
  start: () => new HistoryWhole(),
};

/** What is kept of one at the gateway whose attempt has not ended yet, as the client sees it. */
interface Exchange extends Pick<EdgeEvent, 'operation' | 'key' | 'start'> {
  by: 'gateway';
  answerStart: number | undefined;
}

/** What is kept of an attempt that S3 answered, and that the gateway has not been seen to pass yet. */
interface Answered extends Pick<AttemptEvent, 'operation' | 'key' | 'start' | 't'> {
  by: 'client';
}

/** An attempt that has ended: the gateway has passed it, or need not have. */
const over = { by: 'nobody' } as const;

class HistoryWhole implements RunningChecker {
  readonly #problems: string[] = [];
  /** What is known by each attempt's id. One look-up for each event: there may be a million, and more ids than a processor keeps near. */
  readonly #known = new Map<string, Exchange | Answered | typeof over>();
  #attempts = 0;
  readonly #twice: string[] = [];
  /** Exchanges that were, by the gateway's clock, not within their attempt by the client's. */
  readonly #outside: string[] = [];
  #outsideCount = 0;
  #killed = false;
  #idReachedS3 = false;
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
      case 'probe':
        if (event.idReachedS3) this.#idReachedS3 = true;
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
      case 'writer.process':
        if (event.what === 'killed') this.#killed = true;
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
    problems.push(...this.#unmatched());
    // What broke comes first: what is missing follows from it.
    const findings: Finding[] = this.#broken.map(inconclusive);
    if (this.#idReachedS3) {
      const message =
        'the gateway sends attempt ids on to S3, which accepted a request that was signed with its id: S3 gets other requests than those of a writer without the harness';
      findings.push(inconclusive(message));
    }
    findings.push(...problems.map((problem) => inconclusive(`the history is not whole: ${problem}`)));
    for (const message of this.#unreleased) {
      findings.push({
        checker: name,
        verdict: 'fail',
        message: `what the scenario had leased could not be released: ${message}`,
      });
    }
    const unseen = this.#left('client');
    if (unseen.length > 0) {
      const examples = listed(unseen.map(named));
      findings.push(
        inconclusive(
          `traffic did not pass the gateway: ${unseen.length} of ${counted(this.#attempts, 'attempt')} were answered by S3 without having been seen there (${examples}), so no fault could touch them`,
        ),
      );
    }
    if (findings.length > 0) return findings;
    const message = `${counted(this.#events, 'event')}, ${counted(this.#attempts, 'attempt')}, each one that was answered seen at the gateway`;
    return [{ checker: name, verdict: 'pass', message }];
  }

  #entered({ phase }: PhaseEvent): void {
    const place = phases.indexOf(phase);
    if (place <= this.#phase) {
      this.#problems.push(`the phase ${phase} comes after ${phases[this.#phase]}`);
    }
    this.#phase = Math.max(this.#phase, place);
  }

  /** Steps 2 and 3. */
  #unmatched(): string[] {
    const problems: string[] = [];
    const early = this.#killed ? [] : this.#left('gateway');
    if (early.length > 0) {
      const examples = listed(early.map(named), EXAMPLES);
      problems.push(`the gateway passed ${counted(early.length, 'attempt')} of which no client tells (${examples})`);
    }
    if (this.#outsideCount > 0) {
      const examples = listed(this.#outside, EXAMPLES);
      problems.push(
        `the clocks of client and gateway differ: by the gateway's, ${counted(this.#outsideCount, 'attempt')} came before it was sent or was answered after its answer (${examples})`,
      );
    }
    return problems;
  }

  /** What only one of both has told of, in the order in which it did. */
  #left(by: 'client' | 'gateway'): (Exchange | Answered)[] {
    const left: (Exchange | Answered)[] = [];
    for (const known of this.#known.values()) if (known !== over && known.by === by) left.push(known);
    return left;
  }

  #attempted({ id, status, operation, key, start, t }: AttemptEvent): void {
    const exchange = this.#known.get(id);
    if (exchange && exchange.by !== 'gateway') {
      if (this.#twice.length < EXAMPLES) this.#twice.push(id);
      return;
    }
    this.#attempts++;
    const answered = { by: 'client', operation, key, start, t } as const;
    this.#known.set(id, exchange || status === undefined ? over : answered);
    if (exchange && status !== undefined) this.#compare(answered, exchange);
  }

  #passed({ id, operation, key, start, answerStart }: EdgeEvent): void {
    if (id === undefined || id.startsWith(PROBE)) return;
    const attempt = this.#known.get(id);
    // What the client has ended already, without an answer, is no news.
    if (attempt === over) return;
    const exchange = { by: 'gateway', operation, key, start, answerStart } as const;
    this.#known.set(id, attempt?.by === 'client' ? over : exchange);
    if (attempt?.by === 'client') this.#compare(attempt, exchange);
  }

  #compare(
    attempt: Pick<AttemptEvent, 'operation' | 'key' | 'start' | 't'>,
    { start, answerStart = start }: Exchange,
  ): void {
    if (start >= attempt.start && answerStart <= attempt.t) return;
    this.#outsideCount++;
    if (this.#outside.length < EXAMPLES) this.#outside.push(named(attempt));
  }
}

function named({ operation, key }: { operation: string; key: string }): string {
  return `${operation} ${key}`;
}

function inconclusive(message: string): Finding {
  return { checker: name, verdict: 'inconclusive', message };
}
