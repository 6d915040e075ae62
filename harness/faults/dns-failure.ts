import { z } from 'zod';
import { defineFault } from './fault.ts';
import { aboutOpenConnections, answerForName, failName, openConnections } from './lease-name.ts';
import { askedAgain, effectOnLookUps } from './look-ups.ts';
import { probability } from './parameters.ts';

const modes = ['servfail', 'nxdomain', 'refused', 'empty', 'silent'] as const;

/** The name of S3 does not resolve. */
export const dnsFailure = defineFault({
  name: 'dns-failure',
  about: "S3's name does not resolve: SERVFAIL, NXDOMAIN, REFUSED, an empty answer, or none at all.",
  details: [
    "The harness's DNS server answers each query for the path's name so, whatever type it asks for, over UDP and TCP: `servfail` (the " +
      'server itself has trouble), `nxdomain` (there is no such name), `refused` (the server does not want to), `empty` (the name ' +
      'exists, and has no address), or `silent` (no answer). Healing lets the name resolve again. With `probability`, each query is ' +
      'drawn by the seed, the name, its type, and how many times it was asked.',
    aboutOpenConnections,
    "Go's resolver, and so Tempo's, believes NXDOMAIN and an empty answer at once (`no such host`). After SERVFAIL and REFUSED it asks " +
      'once more, and gives up (`server misbehaving`). Silence it waits for, 5 s twice for each name of the search list (`i/o timeout`). ' +
      'To minio-go all of them are transport errors: tried again, within its ten attempts.',
    'Its evidence: the queries that were answered so, counted by the DNS server, and the connects whose look-up failed meanwhile, or ' +
      'had to ask again. Queries of types that the name has no records of count only where the answer differs from the usual one.',
    'One fault at a time can be on a name: a timeline in which two overlap is refused.',
  ].join('\n\n'),
  place: 'dns',
  parameters: z.strictObject({
    mode: z.enum(modes).describe('what a query is answered; silent: nothing'),
    probability: probability().default(1).describe('of each query'),
    connections: openConnections(),
  }),
  example: { mode: 'servfail' },
  demonstrations: [
    {
      about: 'SERVFAIL for half a minute: flushes fail, and the blocks arrive when they are tried again.',
      compression: { time: 20, bytes: 200 },
      load: { rate: '53MB/s', blocks: 8 },
      timeline: [{ at: '0s', for: '30s', with: { mode: 'servfail' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
    {
      about: 'The name does not exist for half a minute, as when a record is deployed in the wrong order.',
      compression: { time: 20, bytes: 200 },
      load: { rate: '53MB/s', blocks: 8 },
      timeline: [{ at: '0s', for: '30s', with: { mode: 'nxdomain' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
    {
      about: 'The DNS server refuses for half a minute, as one does whose access list forgot the ingesters.',
      compression: { time: 20, bytes: 200 },
      load: { rate: '53MB/s', blocks: 8 },
      timeline: [{ at: '0s', for: '30s', with: { mode: 'refused' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
    {
      about: 'The name has no address for half a minute, as that of a service without a healthy backend.',
      compression: { time: 20, bytes: 200 },
      load: { rate: '53MB/s', blocks: 8 },
      timeline: [{ at: '0s', for: '30s', with: { mode: 'empty' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
    {
      about: 'No answer for half a minute: each look-up waits for 10 s, and the attempts outlive the outage.',
      compression: { time: 20, bytes: 200 },
      load: { rate: '53MB/s', blocks: 8 },
      timeline: [{ at: '0s', for: '30s', with: { mode: 'silent' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
    {
      about:
        'Half of the queries are lost for a minute, and each request has a connection of its own: look-ups ask again.',
      compression: { time: 20, bytes: 200 },
      load: { rate: '53MB/s', blocks: 8 },
      set: { 'policy.keepAlive': false },
      timeline: [{ at: '0s', for: '1m', with: { mode: 'silent', probability: 0.5 } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
  ],
  touches: answerForName,
  compress: (parameters) => parameters,
  inject: ({ lease, parameters: { mode, probability, connections }, id, seed }) =>
    failName({
      lease,
      fault: { rule: id, mode, ...(probability < 1 && { sometimes: { seed, probability } }) },
      connections,
    }),
  effect(context) {
    const { probability = 1 } = context.fault.with as { probability?: number };
    return probability < 1
      ? effectOnLookUps(context, (lookUp) => lookUp.failed || askedAgain(lookUp), 'failed for it or asked again')
      : effectOnLookUps(context, ({ failed }) => failed, 'failed for it');
  },
});
