import { z } from 'zod';
import { lostConnection, nothingGotThrough } from './attempts-in-force.ts';
import { defineFault } from './fault.ts';
import { takeBack } from './half-injected.ts';
import { duration } from './parameters.ts';
import { aboutToxics, injectToxics } from './toxics.ts';

/** Connections come about, and are reset once the client sends on them, before S3 has any of it. */
export const connectionReset = defineFault({
  name: 'connection-reset',
  about: 'Connections come about and are reset (RST) as soon as the client sends something, before S3 has any of it.',
  details: [
    `${aboutToxics} It is the toxic \`reset_peer\`, upstream: the first bytes of a new connection are swallowed, and after \`after\` ` +
      'the connection is reset, both halves. S3 never has anything of these requests.',
    'Toxiproxy can reset only connections that were opened after the toxic was put. Those that were open before are ended when the ' +
      'fault begins: a client sees an orderly end (FIN, `EOF` in the words of Go) on them if it waits for an answer, and a reset if it ' +
      'is sending.',
    'Its evidence: attempts that began while it was in force and whose connection was lost (`reset`, or `tls` when that was in the ' +
      'handshake), while none got an answer.',
    'Toxiproxy cannot be interrupted while it waits for `after`: a heal takes up to that much longer. Connections that were opened ' +
      'and not used while it was in force end by a reset later, too.',
    'To minio-go it is a transport error: tried again at once, ten attempts within about 4 s, after which the flush fails.',
  ].join('\n\n'),
  place: 'network',
  parameters: z.strictObject({
    after: duration().default(0).describe('how long the connection stays, silent, after the first bytes were sent'),
  }),
  example: { after: '0s' },
  demonstrations: [
    {
      about:
        'Every connection is reset for forty seconds: flushes fail, and the blocks arrive when they are tried again.',
      compression: { time: 20, bytes: 500 },
      load: { rate: '53MB/s', blocks: 4 },
      timeline: [{ at: '0s', for: '40s' }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
  ],
  compress: ({ after }, compression) => ({ after: compression.duration(after, 'after') }),
  async inject({ lease, parameters: { after }, id }) {
    const active = await injectToxics(lease, id, 'upstream', 'reset_peer', { timeout: Math.round(after) });
    await lease.proxy.endConnections().catch((error) => takeBack(error, () => active.heal()));
    return active;
  },
  effect: (context) => nothingGotThrough(context, lostConnection, 'had their connection reset'),
});
