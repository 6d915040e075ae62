import { z } from 'zod';
import { dnsFaultModes } from '../dns/protocol.ts';
import { defineFault } from './fault.ts';
import { takeBack } from './half-injected.ts';

/**
 * The name of S3 does not resolve: SERVFAIL, NXDOMAIN, or no answer at all. A client asks for a name only when it opens a
 * connection, and a pooled one would never notice; so the open connections are ended when the fault begins, unless told to
 * keep them.
 */
export const dnsFailure = defineFault({
  name: 'dns-failure',
  about: "S3's name does not resolve: SERVFAIL, NXDOMAIN, or no answer.",
  place: 'dns',
  parameters: z.strictObject({
    mode: z.enum(dnsFaultModes).describe('servfail, nxdomain, or silent (queries get no answer)'),
    connections: z
      .enum(['end', 'keep'])
      .default('end')
      .describe('end: the open connections are ended when it begins; keep: pooled clients may never notice'),
  }),
  example: { mode: 'servfail' },
  touches: "the answer to the path's DNS name",
  compress: (parameters) => parameters,
  async inject({ lease, parameters, id }) {
    await lease.dns.fail({ rule: id, mode: parameters.mode });
    if (parameters.connections === 'end') {
      await lease.proxy.endConnections().catch((error) => takeBack(error, () => lease.dns.heal()));
    }
    return {
      async heal() {
        const { fired } = await lease.dns.heal();
        return { fired, unit: 'queries' };
      },
    };
  },
  effect({ fault, end, attempts, connections }) {
    const failed = attempts.filter((attempt) => attempt.failure === 'dns').length;
    if (failed > 0) {
      return { seen: true, message: `${end.fired} queries were answered so, and ${failed} connects failed for it` };
    }
    const kept =
      (fault.with as { connections: string }).connections === 'keep' ? '; `connections: end` would close the pool' : '';
    return {
      seen: false,
      message: `no connect failed: ${connections.pooled} requests went over connections that were open before, ${connections.opened} opened one${kept}`,
    };
  },
});
