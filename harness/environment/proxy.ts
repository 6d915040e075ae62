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

  /** A new proxy called `name`, on a free port of 127.0.0.1, to `upstream`. @throws Error in Toxiproxy's words. */
  static async open(
    toxiproxy: { host: string; port: number },
    name: string,
    upstream: { host: string; port: number },
  ): Promise<LeaseProxy> {
    const base = `http://${toxiproxy.host}:${toxiproxy.port}`;
    const proxy = await new Toxiproxy(base).createProxy({
      name,
      listen: '127.0.0.1:0',
      upstream: `${upstream.host}:${upstream.port}`,
      enabled: true,
    });
    const [host, port] = proxy.listen.split(':') as [string, string];
    return new LeaseProxy(host, Number(port), proxy);
  }

  async addToxic({ name, type, stream, attributes }: Toxic): Promise<void> {
    await this.proxy.addToxic({ name, type, stream, toxicity: 1, attributes: attributes as never });
  }

  async removeToxic(name: string): Promise<void> {
    await (await this.proxy.getToxic(name)).remove();
  }

  /** Ends every open connection: those of clients, and their other halves to the gateway. The next connect works. */
  async endConnections(): Promise<void> {
    const address = { listen: this.proxy.listen, upstream: this.proxy.upstream };
    await this.proxy.update({ enabled: false, ...address });
    await this.proxy.update({ enabled: true, ...address });
  }

  async close(): Promise<void> {
    await this.proxy.remove();
  }
}
