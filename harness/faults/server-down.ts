import { z } from 'zod';
import { counted } from '../checkers/counted.ts';
import { defineFault } from './fault.ts';
import { lasted } from './lasted.ts';
import { leaseServer, serverItself, tell } from './lease-server.ts';
import { howEnded } from './server-end.ts';
import { answeredMeanwhile, foundNobody, sentOn } from './server-requests.ts';

/** The S3 server is gone until the heal: nothing listens where it was. */
export const serverDown = defineFault({
  name: 'server-down',
  about: 'The S3 server is gone: connections to it end, and new ones are refused, until it is started again.',
  details: [
    'MinIO is ended when the fault begins, and started again when it is healed, at the same address and with the same data. ' +
      '`kill` is SIGKILL, as by a crash: requests are cut in the middle. `stop` is SIGTERM: MinIO ends in order (and is killed when ' +
      'that takes longer than 3 s). The heal waits until MinIO answers a signed request, which takes a third of a second or more, in a ' +
      'container about a second.',
    'A killed process loses nothing that it had written: that data survives a machine without power is not what this tests.',
    'Between the client and MinIO is the gateway, whose port stays open: the client connects, and its connection is ended when MinIO ' +
      'does not take the request. It sees a reset (`EOF`), not a refused connection; for that, see `connection-refused`.',
    'Its evidence: requests whose connection to S3 was refused or ended, as the gateway saw it (`ECONNREFUSED`, `ECONNRESET`, `EOF`), ' +
      'and as the client did, while none that was sent in the meantime was answered by S3.',
  ].join('\n\n'),
  place: 'server',
  parameters: z.strictObject({ how: howEnded() }),
  example: { how: 'kill' },
  demonstrations: [
    {
      about:
        'S3 is gone for forty seconds, longer than ten attempts last: whole flushes fail, wait, and succeed when it is back.',
      compression: { time: 20, bytes: 200 },
      load: { rate: '53MB/s', blocks: 10 },
      timeline: [{ at: '1s', for: '40s', with: { how: 'kill' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
  ],
  needs: ['own-server'],
  touches: serverItself,
  compress: (parameters) => parameters,
  async inject(injection) {
    const server = leaseServer(injection);
    await server.end(injection.parameters.how);
    const since = tell(injection, 'ended');
    let until: number | undefined;
    const evidence = () => lasted(injection.clock, 'downMs', since, until);
    return {
      evidence: async () => evidence(),
      async heal() {
        await server.start();
        until = tell(injection, 'started');
        return evidence();
      },
    };
  },
  effect(context) {
    const sent = sentOn(context).filter(({ upstream }) => upstream.end >= context.fault.t);
    const answered = answeredMeanwhile(context);
    if (answered > 0) {
      return {
        seen: false,
        message: `${counted(answered, 'request')} sent to S3 while it was in force got an answer, where nobody should have been`,
      };
    }
    const failed = sent.filter(foundNobody).length;
    return failed > 0
      ? { seen: true, message: `${counted(failed, 'request')} found nobody at S3, and none got an answer of it` }
      : { seen: false, message: `of ${counted(sent.length, 'request')} sent to S3, none found it gone: it needs load` };
  },
});
