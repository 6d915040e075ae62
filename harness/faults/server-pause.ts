import { z } from 'zod';
import { counted } from '../checkers/counted.ts';
import { defineFault } from './fault.ts';
import { inConfigTime } from './in-config.ts';
import { lasted } from './lasted.ts';
import { leaseServer, serverItself, tell } from './lease-server.ts';
import { answeredMeanwhile, type SentOn, sentOn } from './server-requests.ts';

/** Of the fault's time: a request that was held for less tells no pause from a slow moment. */
const DUE = 0.25;

function gaveUp({ attempt, upstream }: SentOn): boolean {
  return upstream.answer === undefined && (attempt.failure === 'header-timeout' || attempt.failure === 'deadline');
}

/** The S3 server stands still: its connections stay, new ones are accepted by its kernel, and nothing is answered. */
export const serverPause = defineFault({
  name: 'server-pause',
  about: 'The S3 server stands still: it accepts connections, answers nothing, and then goes on where it was.',
  details: [
    'The process of MinIO is stopped (SIGSTOP; in a container, by the pause of the engine) and let go on (SIGCONT), as by a virtual ' +
      'machine that is moved, or a disk that hangs. Connections stay open, and the kernel accepts new ones in its place and buffers ' +
      'what they send. The heal waits until MinIO answers a signed request.',
    'What was sent in the meantime is still there when it goes on: a request whose client has given up may be applied all the same.',
    'Its evidence: requests that the gateway had sent on and that got no answer until the heal, one of them for a quarter of the ' +
      'pause at least or until its client gave up (response-header timeout, 60 s in Tempo; `flush_op_timeout`), while not one that ' +
      'was sent in the pause was answered in it.',
    'It needs a MinIO of its own, which costs the scenario a start of about half a second.',
  ].join('\n\n'),
  place: 'server',
  parameters: z.strictObject({}),
  example: {},
  demonstrations: [
    {
      about:
        'S3 stands still for forty seconds, under the header timeout of 60 s: requests are late, and none is sent again.',
      compression: { time: 20, bytes: 200 },
      load: { rate: '53MB/s', blocks: 10 },
      timeline: [{ at: '1s', for: '40s' }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m', amplification: 1 },
    },
    {
      about:
        'S3 stands still for a minute and a half: the header timeout ends requests after 60 s, and they are sent again.',
      compression: { time: 40, bytes: 200 },
      load: { rate: '53MB/s', blocks: 18 },
      timeline: [{ at: '1s', for: '90s' }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m', amplification: 2 },
    },
  ],
  needs: ['own-server'],
  touches: serverItself,
  compress: (parameters) => parameters,
  async inject(injection) {
    const server = leaseServer(injection);
    await server.pause();
    const since = tell(injection, 'paused');
    let until: number | undefined;
    const evidence = () => lasted(injection.clock, 'pausedMs', since, until);
    return {
      evidence: async () => evidence(),
      async heal() {
        await server.resume();
        until = tell(injection, 'resumed');
        return evidence();
      },
    };
  },
  effect(context) {
    const { fault, end, before, compression } = context;
    const paused = end.until - fault.t;
    const waits = sentOn(context).filter(({ upstream }) => (upstream.answer ?? upstream.end) >= fault.t);
    const usual = Math.max(0, ...before.map(({ phases }) => (phases.send ?? 0) + (phases.wait ?? 0)));
    const held = waits.filter(({ upstream }) => upstream.answer === undefined || upstream.answer > end.until);
    const heldFor = ({ upstream }: SentOn) =>
      Math.min(upstream.answer ?? upstream.end, end.until) - Math.max(upstream.start, fault.t);
    const longest = Math.max(0, ...held.map(heldFor));
    const answered = answeredMeanwhile(context);
    if (answered > 0) {
      return {
        seen: false,
        message: `${counted(answered, 'request')} sent to S3 while it was in force got an answer, where S3 should have stood still`,
      };
    }
    const due = Math.max(paused * DUE, usual);
    if (longest < due && !held.some(gaveUp)) {
      return {
        seen: false,
        message: `of ${counted(waits.length, 'request')} sent to S3, the longest waited ${inConfigTime(longest, compression)} of the ${inConfigTime(paused, compression)}: more load is needed, or a longer pause`,
      };
    }
    const gone = held.filter(gaveUp).length;
    return {
      seen: true,
      message: `${counted(held.length, 'request')} got no answer of S3, for up to ${inConfigTime(longest, compression)}; clients gave up on ${gone}`,
    };
  },
});
