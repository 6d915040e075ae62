/** For tests: a route between a server and clients that say each byte as the test wants it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, realClock } from '../clock.ts';
import type { EdgeEvent, HistoryEvent } from '../history/events.ts';
import { readPart } from '../history/read-part.ts';
import { GatewayRoute } from './route.ts';
import { Line, type ScriptedUpstream, scriptedUpstream } from './scripted-upstream.ts';

export interface ScriptedRoute extends AsyncDisposable {
  rules: GatewayRoute['rules'];
  upstream: ScriptedUpstream;
  /** A client's connection. */
  dial(): Line;
  /** Ends the clients' connections, closes the route, and gives its `edge` events. */
  edges(): Promise<EdgeEvent[]>;
}

/** An answer that says all is well. */
export const ok = 'HTTP/1.1 200 OK\r\nETag: "e1"\r\nContent-Length: 0\r\n\r\n';

/** Reads requests whose end is `mark`, notes them in `heard`, and answers each. */
export function answering(answer = ok, mark = '\r\n\r\n', heard: string[] = []): (line: Line) => Promise<never> {
  return async (line) => {
    for (;;) {
      heard.push(await line.until(mark));
      line.socket.write(answer);
    }
  };
}

/** What a route that is closed has written. */
export async function eventsIn(historyFile: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  for await (const event of readPart(historyFile)) events.push(event);
  return events;
}

/** `script` is what the server does with each connection, see `scriptedUpstream`. */
export async function scriptedRoute(
  script: (line: Line, number: number) => unknown,
  clock: Clock = realClock,
): Promise<ScriptedRoute> {
  const folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-scripted-'));
  const historyFile = join(folder, 'gateway.ndjson');
  const upstream = await scriptedUpstream(script);
  const { host, port } = upstream;
  const route = await GatewayRoute.open({ route: 'r', upstream: { host, port }, historyFile }, clock);
  const clients: Line[] = [];
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= route.close();
    return closed;
  };
  return {
    rules: route.rules,
    upstream,
    dial() {
      const client = new Line(connect({ host: '127.0.0.1', port: route.port }));
      clients.push(client);
      return client;
    },
    async edges() {
      await close();
      return (await eventsIn(historyFile)).filter((event) => event.type === 'edge');
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.socket.destroy();
      await close();
      await upstream[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}
