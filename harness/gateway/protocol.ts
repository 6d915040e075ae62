/**
 * What the harness and the gateway process say to each other.
 *
 * The process sends `GatewayReady` over IPC when it is up; everything after that goes over its control API:
 *
 *   POST   /routes                     RouteRequest -> RouteAnswer   a new listener on 127.0.0.1, forwarding to `upstream`
 *   DELETE /routes/:route              -> {}                         closes it and its connections; its history part is whole then
 *   GET    /routes/:route/rules        -> { rules: string[] }        the names of those in force
 *   POST   /routes/:route/rules        RouteRule -> {}               from the answer on, every new request (or connection) is judged by it
 *   GET    /routes/:route/rules/:rule  -> RuleEvidence
 *   DELETE /routes/:route/rules/:rule  -> RuleEvidence               from the answer on, no new request is touched by it
 *
 * Two places act: the wire stage (`WireRule`), before S3 is spoken, and the S3 edge (`EdgeRule`).
 */
import type { S3Operation } from '../history/events.ts';

/** In the environment of the process. */
export const gatewayTokenVariable = 'TEMPO_S3_CHAOS_TOKEN';

export interface GatewayReady {
  controlPort: number;
}

/** A certificate (with what stands between it and its authority), and its key: PEM. */
export interface ServerCertificate {
  cert: string;
  key: string;
}

export interface RouteRequest {
  route: string;
  upstream: { host: string; port: number };
  /** The endpoint's own name: a Host of `<bucket>.<domain>` is a virtual-host request. Absent: all requests are path-style. */
  domain?: string;
  /** The route speaks TLS, and shows this. Absent: plain HTTP. */
  tls?: ServerCertificate;
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
  /** A regular expression, tested against the bucket. */
  bucket?: string;
  /** A regular expression, tested against the object key (without the bucket). */
  key?: string;
  method?: string;
  /** A regular expression, tested against the request's target as it came: path and query, not decoded. */
  target?: string;
  /** 0 to 1; drawn by (seed, rule, operation, key, part, how many times this rule has judged that request), not by order of arrival. */
  probability?: number;
  /** Only the first so many requests of each (operation, key, part). */
  first?: number;
  /** Only so many requests in all, the first that it would act on. */
  times?: number;
  /**
   * Every so manieth request of each (operation, key, part): which one is the first of them is drawn by (seed, rule, operation, key,
   * part), so that of many objects written once, one in so many is hit, whatever the order in which they arrive.
   */
  every?: number;
  /** Only from the `from`th to the `to`th request of each (operation, key, part), both included, counted from 1. */
  window?: { from: number; to: number };
}

interface OfRequests {
  rule: string;
  seed: number;
  match: RequestMatch;
}

/** Answer with an S3 error document. */
export interface AnswerErrorRule extends OfRequests {
  kind: 'answer-error';
  /** Of a 200, the document says that it is none. */
  status: number;
  code: string;
  message: string;
  /** Seconds, in the `Retry-After` header. */
  retryAfter?: number;
  /** More headers of the answer. They may replace the usual ones (`date`). */
  headers?: Record<string, string>;
  /** More elements of the error document: name and text. */
  elements?: Record<string, string>;
  /** No document, as what stands in front of an S3 may answer: `code` and `message` are not told. */
  withoutDocument?: boolean;
  /**
   * The server's clock is so many milliseconds ahead of this machine's (behind, when negative): the `date` header is of that clock, and
   * the document has what S3 adds to RequestTimeTooSkewed: `RequestTime` (the request's own x-amz-date) and `ServerTime`.
   */
  clockAheadMs?: number;
  /** A `location` header: this origin (`https://host:port`), and the request's own target. */
  locationOrigin?: string;
  /**
   * `after-body` (absent): the request's body is read to its end first, and MinIO never sees the request. `before-body`: answered as
   * soon as the head was read; what still comes of the body is read and dropped. `after-apply`: the request is forwarded, MinIO does
   * it, and its answer is replaced.
   */
  when?: 'before-body' | 'after-body' | 'after-apply';
}

/** End the client's connection in place of an answer. */
export interface CutRule extends OfRequests {
  kind: 'cut';
  /** `before-apply`: the body is read, and MinIO never sees the request. `after-apply`: MinIO has done it, and its answer is dropped. */
  when: 'before-apply' | 'after-apply';
}

/** Make the client wait for its answer. Held requests whose rule is removed are cut, as by a server that restarts. */
export interface HoldRule extends OfRequests {
  kind: 'hold';
  when: 'before-apply' | 'after-apply';
  /** Milliseconds, then it goes on as usual. Absent: for ever. */
  forMs?: number;
  /** Up to so much more, drawn for each request as `probability` is. */
  jitterMs?: number;
}

/** Begin MinIO's answer and end the connection in the middle of it. */
export interface TruncateRule extends OfRequests {
  kind: 'truncate';
  /** Bytes of the answer that pass: of its head when it has no body (at least 1, and fewer than there are, are passed), else of its body. */
  bytes: number;
}

/** CompleteMultipartUpload answers 200, sends white space to keep the connection alive, and then an error document. */
export interface CompleteErrorRule extends OfRequests {
  kind: 'complete-200-error';
  code: string;
  message: string;
  /** Whether MinIO is given the request, and does it. */
  applied: boolean;
  /** Milliseconds of white space before the document. */
  spacesForMs: number;
}

/** Flip bits of a body on its way. Framing, length and headers stay. Places are drawn as `probability` is. */
export interface CorruptRule extends OfRequests {
  kind: 'corrupt';
  direction: 'request' | 'answer';
  bits: number;
}

/** S3's own limit: a token bucket of requests per second for each key prefix. Over it: 503 SlowDown, and MinIO never sees the request. */
export interface ThrottleRule {
  kind: 'throttle';
  rule: string;
  /** Requests per second for each prefix. */
  writesPerSecond: number;
  readsPerSecond: number;
  /** Requests that may come at once: so many seconds' worth. */
  burstSeconds: number;
  /** How many segments of the key, cut at `/`, make a prefix; 0: the bucket is one. */
  prefixSegments: number;
  /** The limit of a prefix under sustained load grows: by this share of its first value for each second at the limit, up to `most` times. */
  growth?: { perSecond: number; most: number };
  retryAfter?: number;
}

export type EdgeRule =
  | AnswerErrorRule
  | CutRule
  | HoldRule
  | TruncateRule
  | CompleteErrorRule
  | CorruptRule
  | ThrottleRule;

/** One cap for all connections of the route, at the wire stage: shared fairly, whatever each one's number of bytes. */
export interface SharedBandwidthRule {
  kind: 'shared-bandwidth';
  rule: string;
  /** Bytes per second, in each direction that is capped. */
  bytesPerSecond: number;
  direction: 'upstream' | 'downstream' | 'both';
}

/** TLS handshakes that take longer, or never come to an end. */
export interface TlsHandshakeRule {
  kind: 'tls-handshake';
  rule: string;
  /** Milliseconds before the server's first byte. Absent: it never comes. Held ones whose rule is removed are ended. */
  delayMs?: number;
}

/** New connections are shown another certificate. */
export interface TlsCertificateRule extends ServerCertificate {
  kind: 'tls-certificate';
  rule: string;
}

export type WireRule = SharedBandwidthRule | TlsHandshakeRule | TlsCertificateRule;
export type RouteRule = EdgeRule | WireRule;

export interface RuleEvidence {
  /** Requests (connections, handshakes) that matched. */
  considered: number;
  /** Those that it acted on. */
  fired: number;
  /** More that was measured where it acts. */
  measured?: Record<string, number>;
}
