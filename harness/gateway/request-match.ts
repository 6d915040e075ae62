/** Which requests a rule is about, and which of those it acts on: `RequestMatch` put to work. */
import { s3Operations } from '../history/events.ts';
import { ControlError } from '../process/control-server.ts';
import { Random } from '../random.ts';
import type { RequestMatch } from './protocol.ts';
import type { S3Request } from './s3-operation.ts';

export class RequestMatcher {
  readonly #match: RequestMatch;
  readonly #rule: string;
  readonly #key: RegExp | undefined;
  readonly #random: Random;
  readonly #judged = new Map<string, number>();

  /** @throws ControlError (400) when the match cannot be met or understood. */
  constructor(rule: string, seed: number, match: RequestMatch) {
    this.#rule = rule;
    this.#match = match;
    this.#random = new Random(seed);
    this.#key = match.key === undefined ? undefined : compiled(rule, match.key);
    for (const operation of match.operations ?? []) {
      if (!s3Operations.includes(operation)) {
        throw new ControlError(
          400,
          `rule ${rule}: no S3 operation is named ${operation}: one of ${s3Operations.join(', ')}`,
        );
      }
    }
    const { probability, first } = match;
    if (probability !== undefined && !(probability >= 0 && probability <= 1)) {
      throw new ControlError(400, `rule ${rule}: probability is ${probability}: a number from 0 to 1`);
    }
    if (first !== undefined && !(Number.isInteger(first) && first >= 1)) {
      throw new ControlError(400, `rule ${rule}: first is ${first}: a whole number from 1 on`);
    }
  }

  /** Whether the rule is about such a request. */
  considers({ operation, key }: S3Request): boolean {
    return (this.#match.operations?.includes(operation) ?? true) && (this.#key?.test(key) ?? true);
  }

  /**
   * Whether the rule acts on this one. The n-th judgement of the same (operation, key, part) is always the same for a seed,
   * whatever came between. The bucket is left out of the draw: it is another one in each run.
   */
  decides({ operation, key, partNumber = 0 }: S3Request): boolean {
    const identity = JSON.stringify([operation, key, partNumber]);
    const n = (this.#judged.get(identity) ?? 0) + 1;
    this.#judged.set(identity, n);
    const { first, probability } = this.#match;
    if (first !== undefined && n > first) return false;
    return probability === undefined || this.#random.uniform(this.#rule, operation, key, partNumber, n) < probability;
  }
}

function compiled(rule: string, pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (error) {
    throw new ControlError(
      400,
      `rule ${rule}: key ${JSON.stringify(pattern)} is not a regular expression: ${(error as Error).message}`,
    );
  }
}
