import { z } from 'zod';
import { defineFault } from './fault.ts';
import { aboutOpenConnections, answerForName, failName, openConnections } from './lease-name.ts';
import { effectOnLookUps, type LookUp } from './look-ups.ts';

/** An answer that is too large for UDP. */
export const dnsTruncated = defineFault({
  name: 'dns-truncated',
  about: 'DNS answers do not fit into UDP, so that clients ask again over TCP, which a firewall may not let through.',
  details: [
    "The harness's DNS server cuts each UDP answer for the path's name to its question, marked as truncated (TC), as it does by itself " +
      'with one that is too large. Over TCP it answers as ever, or never (`tcp: silent`: the connection is accepted and the question ' +
      'taken, as by a firewall that looks into port 53). Healing: UDP answers are whole again.',
    aboutOpenConnections,
    "Go's resolver throws a truncated answer away and asks the same server over TCP, with 5 s anew; a second try begins with UDP again. " +
      'A truncated answer of this server has no records at all: a client that took what was there would have nothing.',
    'Its evidence: the answers that were cut, counted by the DNS server, and the connects that asked over TCP meanwhile and got their ' +
      'address there (or failed, with `tcp: silent`). Without a fault nothing is asked over TCP.',
  ].join('\n\n'),
  place: 'dns',
  parameters: z.strictObject({
    tcp: z.enum(['answers', 'silent']).default('answers').describe('whether the question is answered over TCP'),
    connections: openConnections(),
  }),
  example: { tcp: 'answers' },
  demonstrations: [
    {
      about: 'Every answer is truncated for a minute: each look-up asks twice, and nothing else changes.',
      compression: { time: 20, bytes: 200 },
      load: { rate: '53MB/s', blocks: 8 },
      set: { 'policy.keepAlive': false },
      timeline: [{ at: '0s', for: '1m', with: { tcp: 'answers' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m', amplification: 2 },
    },
    {
      about: 'Answers are truncated for half a minute, and TCP gets none: each look-up waits for 10 s in vain.',
      compression: { time: 20, bytes: 200 },
      load: { rate: '53MB/s', blocks: 8 },
      timeline: [{ at: '0s', for: '30s', with: { tcp: 'silent' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
  ],
  touches: answerForName,
  compress: (parameters) => parameters,
  inject: ({ lease, parameters: { tcp, connections }, id }) =>
    failName({ lease, fault: { rule: id, mode: 'truncated', tcp }, connections }),
  effect(context) {
    const { tcp } = context.fault.with as { tcp: 'answers' | 'silent' };
    const overTcp = ({ queries }: LookUp) => queries.some(({ transport }) => transport === 'tcp');
    return tcp === 'answers'
      ? effectOnLookUps(context, (lookUp) => overTcp(lookUp) && !lookUp.failed, 'got the address over TCP')
      : effectOnLookUps(context, (lookUp) => overTcp(lookUp) && lookUp.failed, 'asked over TCP, and failed');
  },
});
