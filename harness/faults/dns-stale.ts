import { z } from 'zod';
import { counted } from '../checkers/counted.ts';
import { wrongS3Rule } from '../environment/wrong-s3.ts';
import { defineFault } from './fault.ts';
import { aboutOpenConnections, answerForName, failName, openConnections } from './lease-name.ts';
import { affectedQueries, decidedQueries, lookUpsInForce, whyNot } from './look-ups.ts';
import { duration } from './parameters.ts';

/** The longest time to live that a record can have, in seconds (RFC 2181, section 8). */
const LONGEST_TTL_SECONDS = 2 ** 31 - 1;

/** The name resolves to an address that S3 has moved away from. */
export const dnsStale = defineFault({
  name: 'dns-stale',
  about: "S3's name resolves to an address that is out of date: nothing listens there any more, or another S3 does.",
  details: [
    "The harness's DNS server answers queries for the path's name with another address of loopback, and the path's own port. " +
      '`leads: nowhere`: nothing listens there, and connects are refused. `leads: wrong-s3`: an S3 that is not ours, as after a ' +
      'migration or in a mixed-up zone; it answers every request 403 InvalidAccessKeyId, and its certificate is right. Healing: the ' +
      'name leads to S3 again, and then the other address is closed, and the connections to it with it.',
    aboutOpenConnections,
    '`ttl` is the time to live of that answer. A client without a cache (Go, and so Tempo) asks again for each connection, whatever it is. ' +
      'With `policy.dnsCache`, as behind NodeLocal DNSCache or systemd-resolved, the old address stays pinned for `ttl` from when it ' +
      'was learnt, beyond the heal. It is given in whole seconds, as DNS has it, and the cache divides it by the compression.',
    'Its evidence: the queries that were answered so, counted by the DNS server, and the connects that were refused at that very ' +
      'address, or the requests that the other S3 answered. A connect that is refused is a transport error to minio-go, tried again. ' +
      'InvalidAccessKeyId is not tried again: the flush fails at once, and waits for its next attempt.',
    'The addresses are of 127.0.0.0/8, which Linux has.',
  ].join('\n\n'),
  place: 'dns',
  parameters: z.strictObject({
    leads: z
      .enum(['nowhere', 'wrong-s3'])
      .default('nowhere')
      .describe('what is at the address: nothing, or another S3'),
    ttl: duration()
      .default(5000)
      .refine((ms) => ms % 1000 === 0, 'a time to live is in whole seconds, like 30s')
      .refine((ms) => ms / 1000 <= LONGEST_TTL_SECONDS, `a time to live has ${LONGEST_TTL_SECONDS} seconds at most`)
      .describe('how long a cache may keep the answer, in whole seconds of the config'),
    connections: openConnections(),
  }),
  example: { leads: 'nowhere', ttl: '30s' },
  demonstrations: [
    {
      about: 'The name leads nowhere for half a minute: connects are refused, and the blocks arrive afterwards.',
      compression: { time: 20, bytes: 200 },
      load: { rate: '53MB/s', blocks: 8 },
      timeline: [{ at: '0s', for: '30s', with: { leads: 'nowhere' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
    {
      about: 'The name leads to another S3 for half a minute, which knows no such key: flushes fail at once.',
      compression: { time: 20, bytes: 200 },
      load: { rate: '53MB/s', blocks: 8 },
      timeline: [{ at: '0s', for: '30s', with: { leads: 'wrong-s3' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
    {
      about: 'Half a minute of a wrong address that caches keep for two: the blocks arrive when that time is over.',
      compression: { time: 40, bytes: 200 },
      load: { rate: '53MB/s', blocks: 14 },
      set: { 'policy.dnsCache': true },
      timeline: [{ at: '0s', for: '30s', with: { leads: 'nowhere', ttl: '2m' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '5m' },
    },
  ],
  touches: answerForName,
  // Not the time to live: DNS has it in whole seconds, and the cache that counts them knows the compression.
  compress: (parameters) => parameters,
  async inject({ lease, parameters: { leads, ttl, connections }, id }) {
    const neighbour = leads === 'nowhere' ? await lease.neighbours.dead() : await lease.neighbours.wrongS3();
    return failName({
      lease,
      fault: { rule: id, mode: 'stale', addresses: [neighbour.address], ttlSeconds: ttl / 1000 },
      connections,
      neighbour,
    });
  },
  effect(context) {
    const { fault, end, attempts, edges } = context;
    const { leads } = fault.with as { leads: 'nowhere' | 'wrong-s3' };
    const lookUps = lookUpsInForce(context);
    const decided = decidedQueries(context);
    // A look-up between the first and the last step of the injection is before the fault's time, and a pool or a cache keeps what it
    // brought: what was counted and where it led is taken from the evidence then, and what came of it from the clients all the same.
    const queries = affectedQueries(Math.max(decided.length, end.fired ?? 0));
    if (leads === 'nowhere') {
      const addresses = new Set([...decided.flatMap((query) => query.addresses), end.evidence?.address]);
      const refused = lookUps.filter(
        ({ attempt: { failure, message = '' } }) =>
          failure === 'connect' && addresses.has(/dial tcp ([\d.]+):/.exec(message)?.[1]),
      ).length;
      const connects = counted(lookUps.length, 'connect');
      if (refused > 0)
        return { seen: true, message: `${queries}, and ${refused} of ${connects} went to the wrong address` };
      return decided.length === 0
        ? { seen: false, message: whyNot(context, lookUps) }
        : { seen: false, message: `${queries}, but none of ${connects} went to the wrong address` };
    }
    const strange = attempts.filter(({ id, code }) => {
      const rule = edges.get(id)?.rule;
      return code === 'InvalidAccessKeyId' && (rule === undefined || rule === wrongS3Rule);
    });
    const connects = strange.filter(({ reused }) => !reused).length;
    if (strange.length > 0) {
      return {
        seen: true,
        message: `${queries}, and ${counted(connects, 'connect')} led to the wrong S3, which answered ${counted(strange.length, 'request')}`,
      };
    }
    return decided.length === 0
      ? { seen: false, message: whyNot(context, lookUps) }
      : { seen: false, message: `${queries}, but no connect led to the wrong S3` };
  },
});
