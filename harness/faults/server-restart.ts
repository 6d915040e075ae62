import { z } from 'zod';
import { counted } from '../checkers/counted.ts';
import { defineFault } from './fault.ts';
import { inConfigTime } from './in-config.ts';
import { lasted } from './lasted.ts';
import { leaseServer, serverItself, tell } from './lease-server.ts';
import { positiveDuration } from './parameters.ts';
import { howEnded } from './server-end.ts';
import { foundNobody, sentOn } from './server-requests.ts';

/** The S3 server ends and comes back by itself, in the middle of the fault's time. */
export const serverRestart = defineFault({
  name: 'server-restart',
  about: 'The S3 server ends, by a crash or in order, and comes back after a while with all that it had.',
  details: [
    'MinIO is ended when the fault begins and started again after `down`, at the same address and with the same data. `kill` is ' +
      'SIGKILL, `stop` is SIGTERM (and SIGKILL when that takes longer than 3 s). The start itself takes a third of a second or more, ' +
      'in a container about a second, which compression does not shorten. What remains of the fault is the time after it: a server ' +
      'that has just come up. The heal waits until it is up; healed before `down` is over, it is started at once.',
    'Multipart uploads that were under way survive on its disk; the connections do not.',
    'Its evidence: between its end and its start, requests whose connection to S3 was refused or ended, as the gateway saw it ' +
      '(`ECONNREFUSED`, `ECONNRESET`, `EOF`) and as the client did.',
  ].join('\n\n'),
  place: 'server',
  parameters: z.strictObject({
    how: howEnded(),
    down: positiveDuration().prefault('10s').describe('how long it is away before it is started again'),
  }),
  example: { how: 'stop', down: '20s' },
  demonstrations: [
    {
      about: 'S3 crashes and is back after twenty seconds: some flushes fail, and the next attempt of each succeeds.',
      compression: { time: 20, bytes: 200 },
      load: { rate: '53MB/s', blocks: 10 },
      timeline: [{ at: '1s', for: '50s', with: { how: 'kill', down: '20s' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
    {
      about: 'S3 is restarted in order, as for an update, and is away for twenty seconds.',
      compression: { time: 20, bytes: 200 },
      load: { rate: '53MB/s', blocks: 10 },
      timeline: [{ at: '1s', for: '50s', with: { how: 'stop', down: '20s' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
  ],
  needs: ['own-server'],
  touches: serverItself,
  compress: ({ how, down }, compression) => ({ how, down: compression.duration(down, 'down') }),
  async inject(injection) {
    const { clock, parameters } = injection;
    const server = leaseServer(injection);
    await server.end(parameters.how);
    const since = tell(injection, 'ended');
    let until: number | undefined;
    const healed = new AbortController();
    const restart = async () => {
      await clock.sleep(parameters.down, healed.signal).catch(() => {});
      await server.start();
      until = tell(injection, 'started');
    };
    const restarted = restart();
    // Whoever heals it is told.
    restarted.catch(() => {});
    const evidence = () => lasted(clock, 'downMs', since, until);
    return {
      evidence: async () => evidence(),
      async heal() {
        healed.abort();
        await restarted;
        return evidence();
      },
    };
  },
  effect(context) {
    const { fault, events, compression } = context;
    const started = events.find(
      (event) => event.type === 'server' && event.what === 'started' && event.rule === fault.id,
    );
    if (!started) return { seen: false, message: 'S3 was not started again' };
    const away = inConfigTime(started.t - fault.t, compression);
    const sent = sentOn(context).filter(({ upstream }) => upstream.end >= fault.t && upstream.start <= started.t);
    const failed = sent.filter(foundNobody).length;
    return failed > 0
      ? { seen: true, message: `${counted(failed, 'request')} found nobody at S3, which was up again after ${away}` }
      : {
          seen: false,
          message: `of ${counted(sent.length, 'request')} sent to S3 in the ${away} that it was away, none found it gone: it needs more load, or a longer \`down\``,
        };
  },
});
