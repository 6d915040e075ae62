/**
 * The rule `throttle`: S3's limit of requests per second for each key prefix, reads and writes apart.
 *
 * 1. When a request's head is here, its prefix's bucket gives a token, or it does not. Which requests are refused depends on when
 *    they arrive, as it does in S3: this is the one rule that does not draw.
 * 2. With a token, the request goes on to the next rule.
 * 3. Without: read its body to its end, then answer 503 SlowDown.
 *
 * The prefix is made of the key's first segments: an object whose key has no more than those is a prefix of its own, and what is about
 * a bucket (a listing, whatever prefix it asks for) has the empty one.
 */
import type { Clock } from '../clock.ts';
import { ControlError } from '../process/control-server.ts';
import type { ThrottleRule } from './protocol.ts';
import type { Decision, RuleKind, Selector } from './rule-kind.ts';
import { answerWithError } from './s3-error-answer.ts';
import type { S3Request } from './s3-operation.ts';
import { TokenBucket } from './token-bucket.ts';

/** S3's own text. Source: S3's API reference, "List of error codes". */
const MESSAGE = 'Please reduce your request rate.';

export const throttle: RuleKind<ThrottleRule> = (definition, clock) => {
  check(definition);
  const buckets = new Buckets(definition, clock);
  const error = { status: 503, code: 'SlowDown', message: MESSAGE, retryAfter: definition.retryAfter };
  return {
    selector: buckets,
    ends: true,
    act: (exchange, fired) => exchange.drain(() => answerWithError(exchange, error, fired)),
    measured: () => buckets.measured(),
  };
};

/** Selects the requests for which there is no token. */
class Buckets implements Selector {
  readonly #buckets = new Map<string, TokenBucket>();
  #admitted = 0;
  #refused = 0;
  /** The second that is running, and what was admitted in it. Seconds are counted from the first request that was. */
  #first: number | undefined;
  #second = { number: 0, admitted: 0 };
  #busiestSecond = 0;

  constructor(
    readonly rule: ThrottleRule,
    readonly clock: Clock,
  ) {}

  considers(): boolean {
    return true;
  }

  decides({ bucket, key }: S3Request, method: string): Decision {
    const { writesPerSecond, readsPerSecond, burstSeconds, prefixSegments, growth } = this.rule;
    const now = this.clock.now();
    const reads = method === 'GET' || method === 'HEAD';
    const prefix = JSON.stringify([reads, bucket, ...key.split('/').slice(0, prefixSegments)]);
    let tokens = this.#buckets.get(prefix);
    if (!tokens) {
      tokens = new TokenBucket({ limit: reads ? readsPerSecond : writesPerSecond, burstSeconds, growth }, now);
      this.#buckets.set(prefix, tokens);
    }
    if (!tokens.take(now)) {
      this.#refused++;
      return { draw: () => 0 };
    }
    this.#admit(now);
    return {};
  }

  measured(): Record<string, number> {
    return {
      admitted: this.#admitted,
      refused: this.#refused,
      prefixes: this.#buckets.size,
      busiestSecond: this.#busiestSecond,
      highestLimit: Math.max(0, ...[...this.#buckets.values()].map(({ limit }) => limit)),
    };
  }

  #admit(now: number): void {
    this.#admitted++;
    this.#first ??= now;
    const number = Math.floor((now - this.#first) / 1000);
    if (number !== this.#second.number) this.#second = { number, admitted: 0 };
    this.#second.admitted++;
    this.#busiestSecond = Math.max(this.#busiestSecond, this.#second.admitted);
  }
}

function check({ rule, burstSeconds, prefixSegments, growth, retryAfter, ...rates }: ThrottleRule): void {
  const { writesPerSecond, readsPerSecond } = rates;
  for (const [name, rate] of Object.entries({ writesPerSecond, readsPerSecond, burstSeconds })) {
    if (!(Number.isFinite(rate) && rate > 0))
      throw new ControlError(400, `rule ${rule}: ${name} is ${rate}: a number above 0`);
  }
  if (!(Number.isInteger(prefixSegments) && prefixSegments >= 0))
    throw new ControlError(400, `rule ${rule}: prefixSegments is ${prefixSegments}: a whole number from 0 on`);
  if (growth && !(Number.isFinite(growth.perSecond) && growth.perSecond > 0))
    throw new ControlError(400, `rule ${rule}: growth.perSecond is ${growth.perSecond}: a share above 0`);
  if (growth && !(Number.isFinite(growth.most) && growth.most >= 1))
    throw new ControlError(400, `rule ${rule}: growth.most is ${growth.most}: a number from 1 on`);
  if (retryAfter !== undefined && !(Number.isInteger(retryAfter) && retryAfter >= 0))
    throw new ControlError(400, `rule ${rule}: retryAfter is ${retryAfter}: whole seconds from 0 on`);
}
