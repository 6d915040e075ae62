import { z } from 'zod';
import { counted } from '../checkers/counted.ts';
import { median } from '../median.ts';
import { defineFault } from './fault.ts';
import { aboutHandshakes, injectHandshakeRule, pathsHandshakes } from './handshake-rule.ts';
import { handshakesInForce, noHandshake, ruledHandshakes } from './handshakes-in-force.ts';
import { inConfigTime } from './in-config.ts';
import { openConnections } from './lease-name.ts';
import { positiveDuration } from './parameters.ts';

/** A timer may fire this much early, in milliseconds: the clocks of libuv count whole ones. */
const TIMER_SLACK_MS = 1;

/** The connection is there, and the server takes its time, or for ever, before its first byte. */
export const tlsHandshake = defineFault({
  name: 'tls-handshake',
  about: 'New connections are accepted, and their TLS handshake hangs, or is slow: a terminator without CPU to spare.',
  details: [
    `${aboutHandshakes} The client's hello is read and kept; the server's first byte comes after \`delay\` (\`slow\`), or never (\`hang\`). ` +
      'When it is healed, delayed handshakes go on at once, and those that hang are ended, as by a server that restarts.',
    'Its evidence: handshakes that the gateway held back, and attempts whose client waited in one: to the end of the delay, or in vain. ' +
      'A handshake that went through before it was due disproves it.',
    'Tempo waits for a handshake for 10 s (`policy.tlsHandshakeTimeout`), and then no more: to minio-go that is a transport error, tried ' +
      'again within its ten attempts. A longer delay never arrives.',
  ].join('\n\n'),
  place: 'tls',
  parameters: z
    .strictObject({
      mode: z.enum(['hang', 'slow']).describe("hang: the server's first byte never comes; slow: it comes late"),
      delay: positiveDuration().optional().describe("how late the server's first byte comes, for slow"),
      connections: openConnections(),
    })
    .refine(({ mode, delay }) => (mode === 'slow') === (delay !== undefined), {
      path: ['delay'],
      error: ({ input }) =>
        (input as { mode: string }).mode === 'slow'
          ? 'slow wants a delay, like 3s'
          : 'hang has no delay: it never comes to an end; slow has one',
    }),
  example: { mode: 'slow', delay: '3s' },
  demonstrations: [
    {
      about:
        'Each new connection takes three seconds for its handshake for half a minute, and the pool is gone: uploads take longer.',
      compression: { time: 20, bytes: 200 },
      load: { rate: '53MB/s', blocks: 6 },
      set: { 'storage.trace.s3.insecure': false },
      timeline: [{ at: '0s', for: '30s', with: { mode: 'slow', delay: '3s' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m', amplification: 2 },
    },
    {
      about:
        'Handshakes hang for half a minute: each ends by its timeout of ten seconds, is tried again, and nothing is lost.',
      compression: { time: 20, bytes: 200 },
      load: { rate: '53MB/s', blocks: 6 },
      set: { 'storage.trace.s3.insecure': false },
      timeline: [{ at: '0s', for: '30s', with: { mode: 'hang' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m', amplification: 3 },
    },
  ],
  needs: ['tls'],
  touches: pathsHandshakes,
  compress: ({ delay, ...rest }, compression) => ({
    ...rest,
    ...(delay !== undefined && { delay: compression.duration(delay, 'delay') }),
  }),
  inject: ({ lease, parameters: { delay, connections }, id }) =>
    injectHandshakeRule(
      lease,
      { kind: 'tls-handshake', rule: id, ...(delay !== undefined && { delayMs: delay }) },
      connections,
    ),
  effect(context) {
    const { delay = Number.POSITIVE_INFINITY } = context.fault.with as { delay?: number };
    const handshakes = handshakesInForce(context);
    if (handshakes.length === 0) return noHandshake(context);
    const through = handshakes.filter((one) => one.through);
    const early = through.filter(({ sinceDialled }) => sinceDialled < delay - TIMER_SLACK_MS).length;
    if (early > 0) {
      return {
        seen: false,
        message: `${early} of ${counted(handshakes.length, 'handshake')} went through ${Number.isFinite(delay) ? `before the ${inConfigTime(delay, context.compression)} were over` : 'where all should hang'}`,
      };
    }
    const held = ruledHandshakes(context);
    if (held === 0) {
      return {
        seen: false,
        message: `the gateway held none of the ${counted(handshakes.length, 'handshake')} that clients began`,
      };
    }
    const vain = handshakes.filter(({ attempt, through }) => !through && attempt.status === undefined).length;
    const waited =
      through.length > 0
        ? [
            `${counted(through.length, 'handshake')} took ${inConfigTime(median(through.map(({ ms }) => ms)), context.compression)} at the median`,
          ]
        : [];
    if (vain > 0) waited.push(`${counted(vain, 'attempt')} waited for one in vain`);
    return { seen: true, message: waited.join(', and ') };
  },
});
