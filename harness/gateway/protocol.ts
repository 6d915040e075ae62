/**
 * What the harness and the gateway process say to each other.
 *
 * The process sends `GatewayReady` over IPC when it is up; everything after that goes over its control API:
 *
 *   POST   /routes                     RouteRequest -> RouteAnswer   a new listener on 127.0.0.1, forwarding to `upstream`
 *   DELETE /routes/:route              -> {}                         closes it and its connections; its history part is whole then
 *   POST   /routes/:route/rules        EdgeRule -> {}                from the answer on, every new request is judged by it
 *   GET    /routes/:route/rules/:rule  -> RuleEvidence
 *   DELETE /routes/:route/rules/:rule  -> RuleEvidence               from the answer on, no new request is touched by it
 */
import type { S3Operation } from '../history/events.ts';

/** In the environment of the process. */
export const gatewayTokenVariable = 'TEMPO_S3_CHAOS_TOKEN';

export interface GatewayReady {
  controlPort: number;
}

export interface RouteRequest {
  route: string;
  upstream: { host: string; port: number };
  /** The endpoint's own name: a Host of `<bucket>.<domain>` is a virtual-host request. Absent: all requests are path-style. */
  domain?: string;
  /** The gateway appends its edge, wire and lateness events here. */
  historyFile: string;
}

export interface RouteAnswer {
  host: string;
  port: number;
}

/** Which requests a rule is about. What is absent does not restrict. */
export interface RequestMatch {
  operations?: S3Operation[];
  /** A regular expression, tested against the object key (without the bucket). */
  key?: string;
  /** 0 to 1; drawn by (seed, rule, operation, key, part, how many times this rule has judged that request), not by order of arrival. */
  probability?: number;
  /** Only the first so many requests of each (operation, key, part). */
  first?: number;
}

/** Answer with an S3 error document instead of forwarding. The request's body is read to its end first. */
export interface AnswerErrorRule {
  kind: 'answer-error';
  rule: string;
  seed: number;
  match: RequestMatch;
  status: number;
  code: string;
  message: string;
  /** Seconds, in the `Retry-After` header. */
  retryAfter?: number;
}

/** More kinds come with the fault catalogue. */
export type EdgeRule = AnswerErrorRule;

export interface RuleEvidence {
  /** Requests that matched operation and key. */
  considered: number;
  /** Requests that it acted on. */
  fired: number;
}
