/** For tests: a server that takes TCP connections and does with each what the test says, byte by byte. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** What a script waited for did not come, and will not. */
class LineEnded extends Error {}

/** One connection, and what has come on it. */
export class Line {
  #text = '';
  #arrived: (() => void)[] = [];
  ended = false;

  constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1');
      this.#wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.ended = true;
      this.#wake();
    });
  }

  #wake(): void {
    for (const wake of this.#arrived.splice(0)) wake();
  }

  /** Waits until what has come contains `marker`; takes everything up to its end, and returns it. */
  async until(marker: string): Promise<string> {
    while (!this.#text.includes(marker)) await this.#more(`"${marker}"`);
    const end = this.#text.indexOf(marker) + marker.length;
    const taken = this.#text.slice(0, end);
    this.#text = this.#text.slice(end);
    return taken;
  }

  /** Waits for the connection's end; returns all that had come and was not taken. */
  async rest(): Promise<string> {
    while (!this.ended) await this.#more('its end');
    return this.#text;
  }

  #more(what: string): Promise<void> {
    if (this.ended)
      throw new LineEnded(`the connection ended while the test waited for ${what}; it had: ${this.#text}`);
    return new Promise((resolve) => this.#arrived.push(resolve));
  }
}

export interface ScriptedUpstream extends AsyncDisposable {
  host: string;
  port: number;
  /** Number of connections so far. */
  count(): number;
}

/** `script` gets each connection, with its number from 1 on. */
export async function scriptedUpstream(script: (line: Line, number: number) => unknown): Promise<ScriptedUpstream> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    Promise.resolve(script(new Line(socket), ++count)).catch((error) => {
      // A script that was not finished is for the test to judge, by what its client saw.
      if (!(error instanceof LineEnded)) throw error;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    count: () => count,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
