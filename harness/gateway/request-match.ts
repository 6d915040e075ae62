/** Which requests a rule is about, and which of those it acts on: `RequestMatch` put to work. */
import { s3Operations } from '../history/events.ts';
import { ControlError } from '../process/control-server.ts';
import { type Key, Random } from '../random.ts';
import type { RequestMatch } from './protocol.ts';
import type { Decision, Selector } from './rule-kind.ts';
import type { S3Request } from './s3-operation.ts';

/**
 * A number from 0 (included) to 1 (excluded) for one judgement of one request: always the same for (seed, rule, operation, key, part,
 * how many times the rule has judged that request) and `what`. The bucket is left out: it is another one in each run.
 */
export type Draw = (...what: Key) => number;

export class RequestMatcher implements Selector {
  readonly #match: RequestMatch;
  readonly #rule: string;
  readonly #bucket: RegExp | undefined;
  readonly #key: RegExp | undefined;
  readonly #target: RegExp | undefined;
  readonly #random: Random;
  readonly #judged = new Map<string, number>();
  #actedOn = 0;

  /** @throws ControlError (400) when the match cannot be met or understood. */
  constructor({ rule, seed, match }: { rule: string; seed: number; match: RequestMatch }) {
    if (!Number.isFinite(seed)) throw new ControlError(400, `rule ${rule}: seed is ${seed}: a number`);
    if (typeof match !== 'object' || match === null)
      throw new ControlError(400, `rule ${rule}: match is ${match}: an object`);
    this.#rule = rule;
    this.#match = match;
    this.#random = new Random(seed);
    this.#bucket = compiled(rule, 'bucket', match.bucket);
    this.#key = compiled(rule, 'key', match.key);
    this.#target = compiled(rule, 'target', match.target);
    check(rule, match);
  }

  considers({ operation, bucket, key }: S3Request, method = '', target = ''): boolean {
    return (
      (this.#match.operations?.includes(operation) ?? true) &&
      (this.#match.method === undefined || this.#match.method === method) &&
      (this.#target?.test(target) ?? true) &&
      (this.#bucket?.test(bucket) ?? true) &&
      (this.#key?.test(key) ?? true)
    );
  }

  /** The n-th judgement of the same (operation, key, part) is always the same for a seed, whatever came between. */
  decides(request: S3Request): Decision {
    const { operation, key, partNumber = 0 } = request;
    const identity = JSON.stringify([operation, key, partNumber]);
    const n = (this.#judged.get(identity) ?? 0) + 1;
    this.#judged.set(identity, n);
    const draw: Draw = (...what) => this.#random.uniform(this.#rule, operation, key, partNumber, n, ...what);
    return this.#acts(request, n, draw) ? { n, draw } : { n };
  }

  #acts({ operation, key, partNumber = 0 }: S3Request, n: number, draw: Draw): boolean {
    const { first, window, every, probability, times } = this.#match;
    if (first !== undefined && n > first) return false;
    if (window && (n < window.from || n > window.to)) return false;
    if (every !== undefined) {
      const phase = Math.floor(this.#random.uniform(this.#rule, operation, key, partNumber, 'every') * every);
      if ((n - 1) % every !== phase) return false;
    }
    if (probability !== undefined && draw() >= probability) return false;
    if (times !== undefined && this.#actedOn >= times) return false;
    this.#actedOn++;
    return true;
  }
}

function check(rule: string, { operations, probability, first, times, every, window }: RequestMatch): void {
  for (const operation of operations ?? []) {
    if (!s3Operations.includes(operation)) {
      throw new ControlError(
        400,
        `rule ${rule}: no S3 operation is named ${operation}: one of ${s3Operations.join(', ')}`,
      );
    }
  }
  if (probability !== undefined && !(probability >= 0 && probability <= 1)) {
    throw new ControlError(400, `rule ${rule}: probability is ${probability}: a number from 0 to 1`);
  }
  const counts = { first, times, every, ...(window && { 'window.from': window.from, 'window.to': window.to }) };
  for (const [name, count] of Object.entries(counts)) {
    if (count !== undefined && !(Number.isInteger(count) && count >= 1)) {
      throw new ControlError(400, `rule ${rule}: ${name} is ${count}: a whole number from 1 on`);
    }
  }
  if (window && window.to < window.from) {
    throw new ControlError(400, `rule ${rule}: the window from ${window.from} to ${window.to} has no request in it`);
  }
}

function compiled(rule: string, what: string, pattern: string | undefined): RegExp | undefined {
  if (pattern === undefined) return undefined;
  try {
    return new RegExp(pattern);
  } catch (error) {
    throw new ControlError(
      400,
      `rule ${rule}: ${what} ${JSON.stringify(pattern)} is not a regular expression: ${(error as Error).message}`,
    );
  }
}
