/** What a kind of rule is: one file a kind, a function that checks a definition and says what such a rule does. */
import type { Clock } from '../clock.ts';
import type { Exchange } from './exchange.ts';
import type { EdgeRule } from './protocol.ts';
import type { Draw } from './request-match.ts';
import type { S3Request } from './s3-operation.ts';

/** Which requests a rule acts on. */
export interface Selector {
  /** Whether the rule is about such a request. `target` is the request line's, as it came. */
  considers(request: S3Request, method: string, target: string): boolean;
  /** Whether it acts on this one. Asked once for each request that it considers. */
  decides(request: S3Request, method: string): Decision;
}

export interface Decision {
  /** What is drawn for the request. Absent: the rule does not act on it. */
  draw?: Draw;
  /** The how-manieth time it judged the same (operation, key, part), 1 for the first. Absent: it does not decide by the seed. */
  n?: number;
}

export interface RuleAction {
  selector: Selector;
  /** It decides what becomes of the request, and no later rule is asked. Without, it only changes something on the way. */
  ends: boolean;
  /**
   * Called for each request that was selected. One that `ends` the judging sets the exchange going (forwards, drains, ...); one that
   * does not, only prepares it. `fired` is to be called when what it does to the client takes effect: a request that ended on its
   * own before that was not touched. Called again, it changes nothing.
   */
  act(exchange: Exchange, fired: () => void, draw: Draw): void;
  /** The rule is not in force any more. */
  removed?(): void;
  /** See `RuleEvidence.measured`. */
  measured?(): Record<string, number>;
}

/** @throws ControlError (400) for what is wrong in the definition. */
export type RuleKind<Rule extends EdgeRule> = (definition: Rule, clock: Clock) => RuleAction;
