/**
 * Opens one connection, as Go's dialer with Tempo's timeouts does: look the name up, try its addresses in turn, shake hands.
 * The dial timeout covers look-up and connect together, the handshake has one of its own. Of the time left, each address gets an
 * equal share, so that one that never answers leaves some for the others (Go's share is 2 s at least; with so many addresses
 * that it matters, this dialer is the less patient one). Go races IPv6 against IPv4; here they wait for each other.
 */
import { connect, isIP, type Socket } from 'node:net';
import { connect as startTls } from 'node:tls';
import type { Clock } from '../clock.ts';
import type { Resolver } from '../dns/resolver.ts';
import type { Phases, TransportFailure } from '../history/events.ts';

/** Tempo's TCP keep-alive, milliseconds (tempo-db: 30 s). */
const TCP_KEEP_ALIVE_MS = 30_000;

export interface DialOptions {
  resolver: Resolver;
  /** Milliseconds. */
  dialTimeout: number;
  tlsHandshakeTimeout: number;
  /** The certificate authority (PEM) that signs for TLS endpoints. */
  ca?: string;
  clock: Clock;
}

export interface Origin {
  host: string;
  port: number;
  secure: boolean;
}

/** No connection came about. In the words of Go's net package, as Tempo logs them. */
export class DialError extends Error {
  constructor(
    readonly failure: Extract<TransportFailure, 'dns' | 'connect' | 'tls'>,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Fills `phases` as it goes, so that they are there when it fails.
 * @throws DialError, or the signal's reason.
 */
export async function dial(origin: Origin, options: DialOptions, phases: Phases, signal: AbortSignal): Promise<Socket> {
  const { clock } = options;
  const end = clock.now() + options.dialTimeout;
  const addresses = await timed(clock, phases, 'dns', () => lookUp(origin, end, options, signal));
  const socket = await timed(clock, phases, 'connect', () => connectToOne(addresses, origin.port, end, clock, signal));
  // A socket without a listener for errors ends the process by them. Whoever uses it has listeners of his own.
  socket.on('error', () => {});
  socket.setNoDelay(true);
  socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS);
  if (!origin.secure) return socket;
  return timed(clock, phases, 'tls', () => shakeHands(socket, origin, options, signal));
}

async function timed<T>(
  clock: Clock,
  phases: Phases,
  phase: 'dns' | 'connect' | 'tls',
  act: () => Promise<T>,
): Promise<T> {
  const start = clock.now();
  try {
    return await act();
  } finally {
    phases[phase] = (phases[phase] ?? 0) + clock.now() - start;
  }
}

async function lookUp(origin: Origin, end: number, options: DialOptions, signal: AbortSignal): Promise<string[]> {
  const timeout = new AbortController();
  const cancel = options.clock.after(end - options.clock.now(), () => timeout.abort());
  try {
    return await options.resolver.resolve(origin.host, AbortSignal.any([signal, timeout.signal]));
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const words = timeout.signal.aborted ? `lookup ${origin.host}: i/o timeout` : (error as Error).message;
    throw new DialError('dns', `dial tcp: ${words}`, { cause: error });
  } finally {
    cancel();
  }
}

async function connectToOne(
  addresses: string[],
  port: number,
  end: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<Socket> {
  let first: DialError | undefined;
  for (const [index, address] of addresses.entries()) {
    const share = (end - clock.now()) / (addresses.length - index);
    try {
      return await connectTo(address, port, share, clock, signal);
    } catch (error) {
      if (!(error instanceof DialError)) throw error;
      // As Go does: of several failures, the first is told.
      first ??= error;
    }
  }
  throw first ?? new DialError('dns', 'dial tcp: the resolver gave no address');
}

function connectTo(
  address: string,
  port: number,
  timeoutMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<Socket> {
  const socket = connect({ host: address, port });
  const where = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  return established(socket, 'connect', timeoutMs, clock, signal, (error) => {
    const words = error ? `connect: ${connectWords[error.code ?? ''] ?? error.message}` : 'i/o timeout';
    return new DialError('connect', `dial tcp ${where}: ${words}`, error && { cause: error });
  });
}

const connectWords: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  ETIMEDOUT: 'connection timed out',
};

function shakeHands(socket: Socket, origin: Origin, options: DialOptions, signal: AbortSignal): Promise<Socket> {
  const { host } = origin;
  // RFC 6066 has no server name that is an address.
  const secured = startTls({
    socket,
    host,
    ...(!isIP(host) && { servername: host }),
    ...(options.ca && { ca: options.ca }),
  });
  secured.on('error', () => {});
  const { tlsHandshakeTimeout, clock } = options;
  return established(secured, 'secureConnect', tlsHandshakeTimeout, clock, signal, (error) => {
    const words = error ? `tls: ${error.message}` : 'net/http: TLS handshake timeout';
    return new DialError('tls', words, error && { cause: error });
  });
}

/** Waits for `event`; on an error, after the time, and when the signal says so, the socket is closed and the promise rejected. */
function established<S extends Socket>(
  socket: S,
  event: string,
  timeoutMs: number,
  clock: Clock,
  signal: AbortSignal,
  failure: (error?: NodeJS.ErrnoException) => DialError,
): Promise<S> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      cancel();
      signal.removeEventListener('abort', onAbort);
      socket.off(event, onEstablished);
      socket.off('error', onError);
      socket.off('close', onClose);
    };
    const end = (reason: unknown) => {
      settle();
      // What a socket still has to complain about, once it is given up, is of no interest.
      socket.on('error', () => {}).destroy();
      reject(reason);
    };
    const onEstablished = () => {
      settle();
      resolve(socket);
    };
    const onError = (error: NodeJS.ErrnoException) => end(failure(error));
    const onClose = () => end(failure(new Error('the connection was closed')));
    const onAbort = () => end(signal.reason);
    const cancel = clock.after(timeoutMs, () => end(failure()));
    socket.once(event, onEstablished);
    socket.once('error', onError);
    socket.once('close', onClose);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
