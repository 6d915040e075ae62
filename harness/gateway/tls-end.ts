/**
 * Where the TLS of a route ends: handshakes with its clients, between the wire stage and the S3 edge.
 *
 * 1. A connection's handshake is judged by the handshake rules in force when it begins: the first that holds handshakes back, and the
 *    first that shows another certificate.
 * 2. It may be held back before the server's first byte. What the client sends meanwhile is kept, so that its leaving is seen.
 * 3. TLS is spoken over the connection, HTTP/1.1 offered. Sessions may be resumed by tickets, as with any server.
 * 4. The decrypted connection is handed on. Whatever the end, the handshake becomes one `tls.handshake` event.
 *
 * A client's own verdict on the certificate is seen only when it says so by an alert, as Go does. Node ends the handshake first and
 * checks then: to the gateway that is a handshake that went well, and a client that leaves without a request.
 */
import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import type { Clock } from '../clock.ts';
import type { Recorder, TlsHandshakeEvent } from '../history/events.ts';
import { clientLeft, HeldConnection, wasClosed } from './held-connection.ts';
import type { ServerCertificate } from './protocol.ts';
import { RULE_SEPARATOR } from './ruled-by.ts';

/** What a rule does with handshakes. */
export interface HandshakeRule {
  readonly rule: string;
  /** Takes the connection, and gives it back when its handshake may begin. It may end it instead. */
  readonly hold?: (held: HeldConnection) => void;
  /** Shown in place of the route's own certificate. */
  readonly context?: SecureContext;
  /** Handshakes that it was there for, and those that it acted on. */
  readonly evidence: { considered: number; fired: number };
}

export interface TlsEndOptions {
  route: string;
  certificate: ServerCertificate;
  /** Bytes, for each connection and direction. */
  buffer: number;
  clock: Clock;
  record: Recorder;
}

export class TlsEnd {
  readonly rules = new Set<HandshakeRule>();
  readonly #options: TlsEndOptions;
  readonly #context: SecureContext;

  /** @throws Error when the certificate or the key is none, or they do not belong together. */
  constructor(options: TlsEndOptions) {
    this.#options = options;
    this.#context = secureContext(options.certificate);
  }

  /** Shakes hands over the connection, and hands the decrypted one on. When that fails, the connection is closed. */
  begin(socket: Socket, connection: number, handOn: (secured: TLSSocket) => void): void {
    const { clock } = this.#options;
    const inForce = [...this.rules];
    const holding = inForce.find(({ hold }) => hold);
    const showing = inForce.find(({ context }) => context);
    const acting = inForce.filter((rule) => rule === holding || rule === showing);
    for (const { evidence } of acting) evidence.considered++;
    const handshake = new Handshake(this.#options, connection, acting, clock.now());
    const shake = () => this.#shakeHands(socket, handshake, showing, handOn);
    if (holding?.hold) {
      holding.evidence.fired++;
      holding.hold(new HeldConnection(socket, shake, (why) => handshake.ended(why)));
    } else {
      shake();
    }
  }

  #shakeHands(
    socket: Socket,
    handshake: Handshake,
    showing: HandshakeRule | undefined,
    handOn: (secured: TLSSocket) => void,
  ): void {
    const options = {
      isServer: true,
      secureContext: showing?.context ?? this.#context,
      ALPNProtocols: ['http/1.1'],
      highWaterMark: this.#options.buffer,
    };
    // A tls.Server does not tell which of its connections became which; so this is what it would do for each.
    const secured = new TLSSocket(socket, options);
    const over = (error?: string) => {
      if (!handshake.ended(error)) return;
      // Only what was written has been shown.
      if (showing && socket.bytesWritten > 0) showing.evidence.fired++;
      if (error === undefined) handOn(secured);
    };
    secured.once('secure', () => over());
    secured.on('error', (error: NodeJS.ErrnoException) => over(failure(error)));
    // A connection that the client has ended half is of no use for a handshake.
    secured.once('end', () => {
      over(clientLeft);
      if (handshake.failed) secured.destroy();
    });
    secured.once('close', () => over(wasClosed));
    // After the handshake, a record that is broken is told here and nowhere else.
    secured.on('_tlsError', (error: Error) => secured.destroy(error));
  }
}

/** @throws Error */
export function secureContext({ cert, key }: ServerCertificate): SecureContext {
  return createSecureContext({ cert, key });
}

/** One handshake on its way to the history. */
class Handshake {
  failed = false;
  #over = false;

  constructor(
    readonly options: TlsEndOptions,
    readonly connection: number,
    readonly acting: readonly HandshakeRule[],
    readonly start: number,
  ) {}

  /** Records how it ended; false if it had ended before. */
  ended(error?: string): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.failed = error !== undefined;
    const { route, clock, record } = this.options;
    const event: TlsHandshakeEvent = {
      t: clock.now(),
      type: 'tls.handshake',
      route,
      connection: this.connection,
      start: this.start,
      outcome: this.failed ? 'fail' : 'ok',
      ...(error !== undefined && { error }),
      ...(this.acting.length > 0 && { rule: this.acting.map(({ rule }) => rule).join(RULE_SEPARATOR) }),
    };
    record(event);
    return true;
  }
}

/** OpenSSL's words for what the client said (`unknown ca`) or for what it sent (`http request`), else the system's. */
function failure(error: NodeJS.ErrnoException & { reason?: string }): string {
  return error.reason?.replace(/^.*\balert (?=.)/, '') ?? error.code ?? error.message;
}
