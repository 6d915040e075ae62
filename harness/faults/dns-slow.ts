import { z } from 'zod';
import { defineFault } from './fault.ts';
import { inConfigTime } from './in-config.ts';
import { aboutOpenConnections, answerForName, failName, openConnections } from './lease-name.ts';
import { effectOnLookUps } from './look-ups.ts';
import { positiveDuration } from './parameters.ts';

/** Of the delay due: a look-up that took less did not wait for it. */
const DUE = 0.9;

/**
 * Of the look-ups that met it: so many have to be late. Each is, but for those that join one that is under way; on a busy machine one or
 * another is late by itself.
 */
const LATE = 0.5;

/** DNS answers as ever, only later. */
export const dnsSlow = defineFault({
  name: 'dns-slow',
  about: 'DNS answers come late: an overloaded DNS server, or one that is far away.',
  details: [
    "The harness's DNS server holds each answer for the path's name back for `delay`: A and AAAA, over UDP and TCP, and those to what a " +
      'search list makes of the name. Healing: queries from then on are answered at once; answers that are held come when they are due.',
    aboutOpenConnections,
    "Go's resolver asks for A and AAAA at the same time, so that a look-up takes one `delay`; with a search list it tries one name " +
      'after another, and takes as many delays as names (`ndots: 5` of Kubernetes: four for most names). After 5 s it asks again, ' +
      'and after the second time it gives up: a `delay` of 5 s or more is as good as no answer. The look-up counts against the dial ' +
      'timeout of 30 s.',
    'Its evidence: the answers that were held back, counted by the DNS server, and the connects whose look-up took that long or failed ' +
      'meanwhile: at least half of those whose queries were held. Attempts that wait for the same look-up share it, and those that come late to it wait less.',
  ].join('\n\n'),
  place: 'dns',
  parameters: z.strictObject({
    delay: positiveDuration().describe('how much later each answer comes'),
    connections: openConnections(),
  }),
  example: { delay: '2s' },
  demonstrations: [
    {
      about: 'Answers take 2 s for a minute, and each request has a connection of its own.',
      compression: { time: 20, bytes: 200 },
      load: { rate: '53MB/s', blocks: 8 },
      set: { 'policy.keepAlive': false },
      timeline: [{ at: '0s', for: '1m', with: { delay: '2s' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m', amplification: 2 },
    },
    {
      about: 'Answers take 2 s, and the search list of Kubernetes makes 8 s of them for each connection.',
      compression: { time: 20, bytes: 200 },
      load: { rate: '53MB/s', blocks: 8 },
      set: { 'policy.dnsNdots': 5, 'policy.dnsSearch': 'tempo.svc.cluster.local,svc.cluster.local,cluster.local' },
      timeline: [{ at: '0s', for: '1m', with: { delay: '2s' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m', amplification: 2 },
    },
  ],
  touches: answerForName,
  compress: ({ delay, connections }, compression) => ({ delay: compression.duration(delay, 'delay'), connections }),
  inject: ({ lease, parameters: { delay, connections }, id }) =>
    failName({ lease, fault: { rule: id, mode: 'slow', delayMs: delay }, connections }),
  effect(context) {
    const { delay } = context.fault.with as { delay: number };
    return effectOnLookUps(
      context,
      ({ took, failed }) => took >= delay * DUE || failed,
      `took ${inConfigTime(delay, context.compression)} or more for the name, or failed`,
      LATE,
    );
  },
});
