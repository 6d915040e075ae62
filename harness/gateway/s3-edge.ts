/**
 * The S3 edge of a route: HTTP is parsed (by node:http, strictly), each request is named, judged by the rules, and becomes an
 * exchange. It has no timeouts of its own: whoever is slow here is slow because the scenario makes it so.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import type { HistoryEvent, Recorder } from '../history/events.ts';
import { Exchange, type ExchangeContext } from './exchange.ts';
import { Rules } from './rules.ts';
import { identify } from './s3-operation.ts';
import { Upstream } from './upstream.ts';

/** Bytes. S3 allows 8 KiB of headers and more in the target of a presigned request; Node's own limit is 16 KiB for both. */
const LARGEST_HEAD = 256 * 1024;

export interface S3EdgeOptions {
  route: string;
  upstream: { host: string; port: number };
  /** See `RouteRequest.domain`. */
  domain?: string | undefined;
  clock: Clock;
  record: Recorder;
}

/** A connection of the wire stage: its number, and what tells when the bytes came in that are being read from it. */
type WireConnection = Pick<ExchangeContext, 'connection' | 'arrival'>;

export class S3Edge {
  readonly rules: Rules;
  readonly #options: S3EdgeOptions;
  readonly #upstream: Upstream;
  readonly #server: Server;
  readonly #connections = new WeakMap<Socket, WireConnection>();
  #count = 0;
  #open = 0;
  #idle: (() => void) | undefined;

  constructor(options: S3EdgeOptions) {
    this.#options = options;
    this.rules = new Rules(options.clock);
    this.#upstream = new Upstream(options.upstream, options.clock);
    // A missing Host is for MinIO to refuse, not for us.
    this.#server = createServer({ maxHeaderSize: LARGEST_HEAD, insecureHTTPParser: false, requireHostHeader: false });
    this.#server.requestTimeout = 0;
    this.#server.headersTimeout = 0;
    this.#server.keepAliveTimeout = 0;
    this.#server.timeout = 0;
    this.#server.maxHeadersCount = 0;
    this.#server.maxRequestsPerSocket = 0;
    this.#server.on('request', (request, response) => this.#take(request, response, false));
    this.#server.on('checkContinue', (request, response) => this.#take(request, response, true));
    this.#server.on('checkExpectation', (request, response) => this.#take(request, response, false));
    this.#server.on('clientError', (error, socket) => this.#refuse(error, socket as Socket));
  }

  /** Speaks HTTP on a connection of the wire stage. */
  accept(socket: Socket, connection: number, arrival: () => number): void {
    this.#connections.set(socket, { connection, arrival });
    this.#server.emit('connection', socket);
  }

  /** Resolves when every exchange is in the history. The connections must have been ended. */
  async close(): Promise<void> {
    if (this.#open > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    this.#upstream.close();
  }

  #take(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const { route, clock, record, domain } = this.#options;
    const s3 = identify(request.method as string, request.url as string, request.headers, domain);
    this.#open++;
    const exchange = new Exchange(request, response, s3, {
      route,
      ...(this.#connections.get(request.socket) as WireConnection),
      number: ++this.#count,
      clock,
      record: (event: HistoryEvent) => {
        record(event);
        if (--this.#open === 0) this.#idle?.();
      },
      upstream: this.#upstream,
      expectsContinue,
    });
    const judgement = this.rules.judge(s3, request.method as string, request.url);
    if (judgement) judgement.act(exchange);
    else exchange.forward();
  }

  #refuse(error: NodeJS.ErrnoException, socket: Socket): void {
    const { route, clock, record } = this.#options;
    // A head that was cut short is what an injected reset looks like. Bytes that are not HTTP are a client that is broken.
    if (error.code?.startsWith('HPE_') && error.code !== 'HPE_INVALID_EOF_STATE') {
      const where = `gateway, route ${route}, connection ${this.#connections.get(socket)?.connection}`;
      record({
        t: clock.now(),
        type: 'harness.error',
        where,
        message: `the client sent what is not HTTP: ${error.code}`,
      });
    }
    socket.destroy();
  }
}
