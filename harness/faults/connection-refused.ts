import { z } from 'zod';
import { nothingGotThrough } from './attempts-in-force.ts';
import { defineFault, type Evidence } from './fault.ts';

/** Two of these at once would undo one another. */
export const acceptance = 'whether the path accepts connections';

/** Nothing listens at the address of S3: open connections end, and new ones are refused. */
export const connectionRefused = defineFault({
  name: 'connection-refused',
  about: "Nothing listens at S3's address any more: open connections end, and new ones are refused at once.",
  details: [
    "The path's proxy in Toxiproxy is disabled: it ends its connections and stops listening. Healing enables it again, at the same " +
      'address. The toxics of other faults stay as they are.',
    'It is what a load balancer without healthy backends, or a gateway that restarts, looks like. (A proxy whose upstream is dead ' +
      'accepts a connection and then ends it, which is not the same.)',
    'Its evidence: attempts that began while it was in force and were refused a connection (`connect`, `connection refused`), while ' +
      'none got an answer.',
    'To minio-go it is a transport error: tried again at once, ten attempts within about 4 s, after which the flush fails.',
  ].join('\n\n'),
  place: 'network',
  parameters: z.strictObject({}),
  example: {},
  demonstrations: [
    {
      about: 'Connects are refused for forty seconds: flushes fail, and the blocks arrive when they are tried again.',
      compression: { time: 20, bytes: 500 },
      load: { rate: '53MB/s', blocks: 4 },
      timeline: [{ at: '0s', for: '40s' }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
  ],
  touches: acceptance,
  compress: (parameters) => parameters,
  async inject({ lease }) {
    await lease.proxy.disable();
    const evidence = async (): Promise<Evidence> => ({ fired: null, unit: 'requests' });
    return {
      evidence,
      async heal() {
        await lease.proxy.enable();
        return evidence();
      },
    };
  },
  effect: (context) =>
    nothingGotThrough(
      context,
      ({ failure, message }) => failure === 'connect' && /connection refused/.test(message ?? ''),
      'were refused a connection',
    ),
});
