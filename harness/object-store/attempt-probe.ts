/** For tests: attempts to make by hand, with what they report; timeouts that do not get in the way. */
import { realClock } from '../clock.ts';
import type { Resolver } from '../dns/resolver.ts';
import type { AttemptEvent } from '../history/events.ts';
import { type ClientName, createS3Operations, type S3ClientOptions } from './clients.ts';
import type { AttemptContext, S3Operations } from './s3-operations.ts';
import { Transport, type TransportOptions, type TransportTimeouts } from './transport.ts';

/** Each is longer than any test. */
export const patient: TransportTimeouts = {
  dialTimeout: 30_000,
  tlsHandshakeTimeout: 30_000,
  responseHeaderTimeout: 30_000,
  idleConnectionTimeout: 30_000,
  maxIdleConnections: 100,
};

/** Gives 127.0.0.1 for every name, and counts how often it is asked. */
export class LoopbackResolver implements Resolver {
  lookups = 0;

  async resolve(): Promise<string[]> {
    this.lookups++;
    return ['127.0.0.1'];
  }
}

/** Makes contexts, and collects what is reported to them. */
export class AttemptProbe {
  readonly events: AttemptEvent[] = [];

  context(signal: AbortSignal = new AbortController().signal): AttemptContext {
    const request = `r${this.#count + 1}`;
    this.#count++;
    return { id: `${request}.1`, request, attempt: 1, signal, report: (event) => this.events.push(event) };
  }

  #count = 0;

  /** The only event so far, or since it was last asked for. @throws Error when there are more, or none. */
  get event(): AttemptEvent {
    const [event, ...others] = this.events.splice(0);
    if (!event || others.length > 0) throw new Error(`expected one event, found ${event ? others.length + 1 : 0}`);
    return event;
  }
}

export function probeTransport(
  options: Partial<Omit<TransportOptions, 'timeouts'>> & { timeouts?: Partial<TransportTimeouts> } = {},
) {
  const { timeouts, ...rest } = options;
  return new Transport({
    resolver: new LoopbackResolver(),
    clock: realClock,
    timeouts: { ...patient, ...timeouts },
    ...rest,
  });
}

/** A client for a server at 127.0.0.1 that is called `s3.chaos.test`. */
export function probeClient(
  client: ClientName,
  port: number,
  transport: Transport,
  options: Partial<S3ClientOptions> = {},
): Promise<S3Operations> {
  return createS3Operations(client, {
    bucket: 'lease-1',
    region: 'us-west-2',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret-key' },
    endpoint: { host: 's3.chaos.test', port, secure: false },
    pathStyle: true,
    transport,
    ...options,
  });
}
