/** A lease's own proxy in Toxiproxy. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Toxiproxy, type Proxy as ToxiproxyProxy } from 'toxiproxy-node-client';

/** Toxiproxy's own names, for a type of toxic and for its attributes (https://github.com/Shopify/toxiproxy#toxics). */
export interface Toxic {
  /** Unique on the proxy. */
  name: string;
  type: 'latency' | 'bandwidth' | 'timeout' | 'reset_peer' | 'slow_close' | 'slicer' | 'limit_data';
  stream: 'upstream' | 'downstream';
  attributes: Record<string, number>;
}

export class LeaseProxy {
  /** Disabling and enabling come one after the other: who ends connections must not enable what another has disabled. */
  #turn: Promise<unknown> = Promise.resolve();
  #enabled = true;
  #heldPort: Socket | undefined;

  private constructor(
    readonly host: string,
    readonly port: number,
    private readonly proxy: ToxiproxyProxy,
  ) {}

  /** A new proxy called `name`, on a free port of 127.0.0.1, to `upstream`. @throws Error with what was asked of Toxiproxy, and why not. */
  static async open(
    toxiproxy: { host: string; port: number },
    name: string,
    upstream: { host: string; port: number },
  ): Promise<LeaseProxy> {
    const base = `http://${toxiproxy.host}:${toxiproxy.port}`;
    const proxy = await answered(
      `open proxy ${name}`,
      new Toxiproxy(base).createProxy({
        name,
        listen: '127.0.0.1:0',
        upstream: `${upstream.host}:${upstream.port}`,
        enabled: true,
      }),
    );
    const [host, port] = proxy.listen.split(':') as [string, string];
    return new LeaseProxy(host, Number(port), proxy);
  }

  async addToxic({ name, type, stream, attributes }: Toxic): Promise<void> {
    await answered(
      `add toxic ${name} to proxy ${this.proxy.name}`,
      this.proxy.addToxic({ name, type, stream, toxicity: 1, attributes: attributes as never }),
    );
  }

  async removeToxic(name: string): Promise<void> {
    await answered(
      `remove toxic ${name} from proxy ${this.proxy.name}`,
      this.proxy.api.delete(`${this.proxy.getPath()}/toxics/${encodeURIComponent(name)}`),
    );
  }

  /**
   * Ends every open connection: those of clients, and their other halves to the gateway. The next connect works, unless the proxy
   * is disabled: then there is none to end.
   */
  endConnections(): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#enabled) return;
      await this.#switch(false);
      await this.#switch(true);
    });
  }

  /** Ends every open connection, and from the answer on connects are refused. @throws Error when it is disabled already. */
  disable(): Promise<void> {
    return this.#inTurn(async () => {
      this.#refuseUnless(true, 'disable');
      await this.#switch(false);
      this.#heldPort = await holdPort(this.host, this.port);
    });
  }

  /** From the answer on, connects work again. @throws Error when it is not disabled. */
  enable(): Promise<void> {
    return this.#inTurn(async () => {
      this.#refuseUnless(false, 'enable');
      await this.#switch(true);
      this.#releasePort();
    });
  }

  /** What is not as it was at first, as Toxiproxy tells it: its toxics by their names, and `disabled`. */
  async inForce(): Promise<string[]> {
    const { data } = await answered(
      `read proxy ${this.proxy.name}`,
      this.proxy.api.get<{ enabled: boolean; toxics: { name: string }[] }>(this.proxy.getPath()),
    );
    return [...data.toxics.map(({ name }) => name), ...(data.enabled ? [] : ['disabled'])];
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      this.#releasePort();
      await answered(`close proxy ${this.proxy.name}`, this.proxy.remove());
    });
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #switch(enabled: boolean): Promise<void> {
    const { name, listen, upstream } = this.proxy;
    await answered(`${enabled ? 'enable' : 'disable'} proxy ${name}`, this.proxy.update({ enabled, listen, upstream }));
    this.#enabled = enabled;
  }

  #refuseUnless(enabled: boolean, what: string): void {
    if (this.#enabled === enabled) return;
    throw new Error(`Toxiproxy: cannot ${what} proxy ${this.proxy.name}: it is ${what}d already`);
  }

  #releasePort(): void {
    this.#heldPort?.destroy();
    this.#heldPort = undefined;
  }
}

/**
 * A port on which nothing listens would be given to whoever asks for a free one, and the proxy could not be enabled again. This
 * socket keeps it, connected to itself: connects by others are refused, and the system gives the port to nobody, while who names
 * it, as Toxiproxy does, may listen on it (socket(7), SO_REUSEADDR, which Node and Go both set).
 * `undefined` where sockets cannot do that: then the risk is taken.
 */
async function holdPort(host: string, port: number): Promise<Socket | undefined> {
  const socket = connect({ host, port, localAddress: host, localPort: port });
  try {
    await once(socket, 'connect');
  } catch {
    return undefined;
  }
  // What ends it later is of no interest, and it keeps no process alive.
  return socket.on('error', () => {}).unref();
}

const reasons: Record<string, string> = {
  'Request failed with status code 404': 'there is none of this name',
  'Request failed with status code 409': 'there is one of this name already',
  'fetch failed': 'it does not answer',
};

/** What Toxiproxy answered. Its client's errors tell neither what was asked, nor more than these words. */
async function answered<Answer>(what: string, asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked;
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`Toxiproxy: cannot ${what}: ${reasons[message] ?? message}`, { cause: error });
  }
}
