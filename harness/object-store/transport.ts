/**
 * The one transport that both SDKs send through. It owns the resolver, every timeout, cancellation, the draining of answers, and
 * it tells of each exchange what happened in which phase. It neither retries nor knows a policy.
 *
 * 1. Claim the attempt that the request belongs to (attempt.ts).
 * 2. Take a connection (connection-pool.ts); add `x-chaos-attempt`, which is outside the signature; send (exchange.ts).
 * 3. A pooled connection that turns out to be dead: take another, as Go's transport does, but only where it does. A request
 *    without a body is sent again if nothing of it went out, or if it is a GET or HEAD and no byte of an answer came. One with a
 *    body is not (minio-go gives Go no way to get its body again): this failure is the policy's to retry.
 * 4. Read the answer whole, and hand it on from memory; the body of a GetObject is handed on as it comes, that of an answer whose
 *    head says all is dropped. An answer that has been read gives its connection back to the pool, whatever its status.
 * 5. Say how it ended: `ok` when S3 says so (s3-answer.ts), `fail` when it surely had no effect (S3 said no, or nothing was sent),
 *    `info` when the request, or part of it, was sent and no whole answer came.
 */
import { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { Resolver } from '../dns/resolver.ts';
import type { ClientPolicySettings } from '../tempo/settings.ts';
import { Attempt } from './attempt.ts';
import { type Connection, ConnectionPool } from './connection-pool.ts';
import type { Origin } from './dial.ts';
import { ExchangeError, type ExchangeRequest, exchangeHead, type Head, isBody, type Progress } from './exchange.ts';
import { type Answer, RunningExchange } from './running-exchange.ts';
import { isDone } from './s3-answer.ts';
import type { Body } from './s3-operations.ts';

/** The header by which the gateway matches what it sees to an attempt. The gateway strips it. */
export const attemptHeader = 'x-chaos-attempt';

export type TransportTimeouts = Pick<
  ClientPolicySettings,
  'dialTimeout' | 'tlsHandshakeTimeout' | 'responseHeaderTimeout' | 'idleConnectionTimeout' | 'maxIdleConnections'
> &
  /** Absent: any number of connections, and each serves many requests. */
  Partial<Pick<ClientPolicySettings, 'maxConnections' | 'keepAlive'>>;

export interface TransportOptions {
  resolver: Resolver;
  timeouts: TransportTimeouts;
  /** The certificate authority (PEM) that signs for TLS endpoints. Absent: those that Node trusts. */
  ca?: string;
  clock: Clock;
}

export interface TransportRequest extends ExchangeRequest {
  /** Of an attempt that has a body of its own, that is sent in place of this one. */
  body: Exclude<ExchangeRequest['body'], Body>;
  origin: Origin;
}

export class Transport {
  readonly #pool: ConnectionPool;
  readonly #clock: Clock;
  readonly #responseHeaderTimeout: number;
  readonly #keepAlive: boolean;

  constructor({ resolver, timeouts, ca, clock }: TransportOptions) {
    this.#clock = clock;
    const { maxConnections = 0, keepAlive = true } = timeouts;
    this.#responseHeaderTimeout = timeouts.responseHeaderTimeout;
    this.#keepAlive = keepAlive;
    this.#pool = new ConnectionPool({
      // First: a policy has a `resolver` of its own, which is a name.
      ...timeouts,
      resolver,
      clock,
      maxConnections,
      keepAlive,
      ...(ca !== undefined && { ca }),
    });
  }

  /** Connections that wait for a request. */
  get idleConnections(): number {
    return this.#pool.idle;
  }

  /** Closes the idle connections, and those in use when their exchange is over. */
  close(): void {
    this.#pool.close();
  }

  /**
   * Sends the request of the running attempt (`runAttempt`).
   * @returns the answer, whatever its status.
   * @throws TransportError when there was no whole answer, Error when the body could not be read.
   */
  async exchange(request: TransportRequest): Promise<Answer> {
    const attempt = Attempt.current();
    attempt.claim();
    const exchange = new RunningExchange(attempt, this.#clock);
    const { signal } = attempt.context;
    const body = attempt.body?.content ?? request.body;
    let head: Head;
    let connection: Connection;
    try {
      for (;;) {
        connection = await exchange.take(this.#pool, request.origin, signal);
        try {
          const options = {
            responseHeaderTimeout: this.#responseHeaderTimeout,
            keepAlive: this.#keepAlive,
            clock: this.#clock,
          };
          const { id } = attempt.context;
          const headers = id === '' ? request.headers : { ...request.headers, [attemptHeader]: id };
          head = await exchangeHead(connection, { ...request, body, headers }, options, exchange.progress, signal);
          break;
        } catch (error) {
          if (
            !(error instanceof ExchangeError && sendAgain(error, connection, { ...request, body }, exchange.progress))
          )
            throw error;
        }
      }
    } catch (error) {
      destroyBody(request.body);
      const { host, port, secure } = request.origin;
      throw exchange.noAnswer(error, `${secure ? 'https' : 'http'}://${host}:${port}${request.path}`);
    }
    const freed = () => this.#pool.give(request.origin, connection);
    const { operation } = attempt.target;
    const streamed = operation === 'GetObject' && isDone(operation, head.response.statusCode);
    if (streamed) return exchange.stream(head, connection, freed);
    try {
      return await exchange.readWhole(head, connection, freed);
    } finally {
      head.stopSending();
    }
  }
}

function sendAgain(
  error: ExchangeError,
  { uses }: Connection,
  request: ExchangeRequest,
  { anySent }: Progress,
): boolean {
  if (error.failure !== 'reset' || uses === 0) return false;
  const { body } = request;
  const empty =
    body === undefined || (isBody(body) ? body.size === 0 : !(body instanceof Readable) && body.length === 0);
  return empty && (!anySent || request.method === 'GET' || request.method === 'HEAD');
}

function destroyBody(body: TransportRequest['body']): void {
  // Its reader may be in the middle of it: that it ends early is not an error of anybody's.
  if (body instanceof Readable) body.on('error', () => {}).destroy();
}
