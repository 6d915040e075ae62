/** The DNS process: the server, its control API, and a watch on its own lateness. */
import { realClock } from '../clock.ts';
import { beReady } from '../process/child.ts';
import { serveControl } from '../process/control-server.ts';
import { watchLateness } from '../process/lateness.ts';
import { DnsControl } from './control.ts';
import { DnsServer } from './dns-server.ts';
import { type DnsReady, dnsTokenVariable } from './protocol.ts';

const token = process.env[dnsTokenVariable];
if (!token) throw new Error(`DNS process: ${dnsTokenVariable} is not set: start it by startDns (harness/dns/dns.ts)`);

const server = await DnsServer.start(realClock);
const dnsControl = new DnsControl(server.zone);
const control = await serveControl(token, dnsControl.handlers);
const stopWatching = watchLateness('dns', realClock, dnsControl.recordForAll);

beReady<DnsReady>({ controlPort: control.port, host: server.host, port: server.port }, async () => {
  stopWatching();
  await dnsControl.close();
});
