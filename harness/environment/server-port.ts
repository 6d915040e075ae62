/**
 * The port of a server that is ended and started again. It has to be free again then: so it is not one of those that the kernel gives
 * out, to whoever listens on port 0 and to each connection that is opened. (A connect to a port of those, while nothing listens on
 * it, can even end up connected to itself.)
 */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { EnvironmentError } from './environment.ts';

/** Below are the ports of well-known programs. */
const LOWEST = 20_000;
/** Where the ports that the kernel gives out begin: on Linux unless it says otherwise, elsewhere at 49152. */
const USUAL_END = 32_768;
const TRIED = 100;

/** Those of this process, whether something listens on them at the moment or not. */
const held = new Set<number>();

export interface HeldPort {
  readonly port: number;
  release(): void;
}

/**
 * A port of 127.0.0.1 on which nothing listens, and that is given to nobody else in this process until it is released.
 * @throws EnvironmentError when none was found.
 */
export async function holdServerPort(): Promise<HeldPort> {
  const end = Math.max(endOfOurs(), LOWEST + TRIED);
  for (let tried = 0; tried < TRIED; tried++) {
    const port = randomInt(LOWEST, end);
    if (held.has(port)) continue;
    held.add(port);
    if (await isFree(port)) return { port, release: () => held.delete(port) };
    held.delete(port);
  }
  throw new EnvironmentError(
    `none of ${TRIED} ports of 127.0.0.1 from ${LOWEST} to ${end} is free`,
    'end what listens on so many',
  );
}

function endOfOurs(): number {
  try {
    const [first] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/);
    return Math.min(Number(first) || USUAL_END, USUAL_END);
  } catch {
    return USUAL_END;
  }
}

function isFree(port: number): Promise<boolean> {
  return mustBeFree('127.0.0.1', port).then(
    () => true,
    () => false,
  );
}

/** @throws the system's own error (EADDRINUSE, EADDRNOTAVAIL) when nobody could listen there now. */
export function mustBeFree(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port }, () => server.close(() => resolve()));
  });
}
