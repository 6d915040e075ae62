import { z } from 'zod';
import { nothingGotThrough } from './attempts-in-force.ts';
import { dnsFailure } from './dns-failure.ts';
import { defineFault, type Evidence } from './fault.ts';
import { takeBack } from './half-injected.ts';

/** Of the answer that leads to the address, in seconds: longer than the harness's own name has would pin it beyond the heal. */
const TTL_SECONDS = 1;

/** Connects get no answer: neither accepted nor refused, until the dial timeout. */
export const connectHang = defineFault({
  name: 'connect-hang',
  about:
    'Connects get no answer, neither yes nor no, so that clients wait for their dial timeout: a host that is gone.',
  details: [
    "S3's DNS name leads to another address of loopback, at which a listener never accepts and its backlog is full: the system answers " +
      'no SYN there. Toxiproxy cannot do that, it always accepts. The open connections are ended when the fault begins, since ' +
      'a pooled one would never notice.',
    "Healing lets the name lead to S3 again and ends the listener. Connects that hang then are refused when the client's system tries " +
      'them again (Linux: 1 s, 3 s, 7 s after they began, whatever the compression), or end by their dial timeout before that.',
    'Its evidence: queries that were answered with the address, counted by the DNS server, and attempts that began while it was ' +
      'in force and whose connect ended by a timeout (`i/o timeout`), by the deadline of the flush, or refused after the heal, while ' +
      'none got an answer.',
    'To minio-go a dial timeout (30 s in Tempo) is a transport error: tried again, so that five minutes of `flush_op_timeout` see ' +
      'ten of them. It needs addresses of 127.0.0.0/8, which Linux has.',
  ].join('\n\n'),
  place: 'network',
  parameters: z.strictObject({}),
  example: {},
  demonstrations: [
    {
      about: 'Connects hang for a minute: each ends by the dial timeout, and the blocks arrive when the host is back.',
      compression: { time: 20, bytes: 500 },
      load: { rate: '53MB/s', blocks: 4 },
      timeline: [{ at: '0s', for: '1m' }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m', amplification: 2 },
    },
  ],
  touches: dnsFailure.touches as string,
  compress: (parameters) => parameters,
  async inject({ lease, id }) {
    const neighbour = await lease.neighbours.hanging();
    /** The name first: who is refused then looks it up again. */
    const undo = async () => {
      try {
        return await lease.dns.heal();
      } finally {
        await neighbour.close();
      }
    };
    try {
      await lease.dns.fail({ rule: id, mode: 'stale', addresses: [neighbour.address], ttlSeconds: TTL_SECONDS });
    } catch (error) {
      return takeBack(error, () => neighbour.close());
    }
    await lease.proxy.endConnections().catch((error) => takeBack(error, undo));
    const evidence = ({ fired }: { fired: number }): Evidence => ({
      fired,
      unit: 'queries',
      measured: { address: neighbour.address },
    });
    return {
      evidence: async () => evidence(await lease.dns.evidence()),
      heal: async () => evidence(await undo()),
    };
  },
  effect: (context) =>
    nothingGotThrough(
      context,
      ({ failure, message, phases, t }) =>
        (failure === 'connect' && (/i\/o timeout/.test(message ?? '') || t > context.end.until)) ||
        (failure === 'deadline' && phases.connect !== undefined && phases.send === undefined),
      'waited in vain for a connection',
    ),
});
