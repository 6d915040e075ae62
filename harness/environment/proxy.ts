/** A lease's own proxy in Toxiproxy. */
import { Toxiproxy, type Proxy as ToxiproxyProxy } from 'toxiproxy-node-client';

export interface Toxic {
  name: string;
  type: 'latency' | 'bandwidth';
  stream: 'upstream' | 'downstream';
  attributes: Record<string, number>;
}

export class LeaseProxy {
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
      this.proxy.getToxic(name).then((toxic) => toxic.remove()),
    );
  }

  /** Ends every open connection: those of clients, and their other halves to the gateway. The next connect works. */
  async endConnections(): Promise<void> {
    const address = { listen: this.proxy.listen, upstream: this.proxy.upstream };
    await answered(`disable proxy ${this.proxy.name}`, this.proxy.update({ enabled: false, ...address }));
    await answered(`enable proxy ${this.proxy.name}`, this.proxy.update({ enabled: true, ...address }));
  }

  async close(): Promise<void> {
    await answered(`close proxy ${this.proxy.name}`, this.proxy.remove());
  }
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
