/** For tests of resolvers: a DNS server, over UDP and TCP on one port, that sends what a script says, however wrong. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { decode } from 'dns-packet';

export interface Asked {
  transport: 'udp' | 'tcp';
  name: string;
  type: string;
  id: number;
  packet: Buffer;
  /** Where the question came from. */
  port: number;
}

/** The packets to send, in order; over TCP, `hang-up` closes the connection. */
export type Script = (asked: Asked) => Buffer[] | 'hang-up' | Promise<Buffer[]>;

export interface ScriptedServer extends AsyncDisposable {
  host: string;
  port: number;
  /** Everything it was asked, as `A name udp`, in the order in which it came. */
  asked: string[];
}

export async function scriptedServer(script: Script): Promise<ScriptedServer> {
  const asked: string[] = [];
  const run = async (transport: 'udp' | 'tcp', packet: Buffer, port: number) => {
    const { id = 0, questions: [question] = [] } = decode(packet);
    const { name = '', type = '' } = question ?? {};
    asked.push(`${type} ${name} ${transport}`);
    return script({ transport, name, type, id, packet, port });
  };

  const tcp = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', async (chunk) => {
      const packets = await run('tcp', chunk.subarray(2), socket.remotePort ?? 0);
      if (packets === 'hang-up') return socket.end();
      for (const packet of packets) {
        const length = Buffer.alloc(2);
        length.writeUInt16BE(packet.length);
        // In two pieces: what arrives over TCP need not arrive at once.
        socket.write(Buffer.concat([length, packet.subarray(0, 5)]));
        setImmediate(() => socket.write(packet.subarray(5)));
      }
    });
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as AddressInfo;

  const udp = createSocket('udp4');
  udp.on('message', async (packet, client) => {
    const packets = await run('udp', packet, client.port);
    if (packets === 'hang-up') return;
    for (const each of packets) udp.send(each, client.port, client.address);
  });
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');

  return {
    host: '127.0.0.1',
    port,
    asked,
    async [Symbol.asyncDispose]() {
      udp.close();
      tcp.close();
      await once(tcp, 'close');
    },
  };
}
