import { z } from 'zod';
import { counted } from '../checkers/counted.ts';
import { Random } from '../random.ts';
import { answeredInForce, begunInForce, lostConnection } from './attempts-in-force.ts';
import { acceptance } from './connection-refused.ts';
import { defineFault, type Evidence } from './fault.ts';
import { duration, positiveDuration } from './parameters.ts';

/** The path is down and up in turn, as behind a load balancer whose health checks cannot make up their mind. */
export const flapping = defineFault({
  name: 'flapping',
  about: 'The path is down and up in turn: down, open connections end and new ones are refused.',
  details: [
    "The path's proxy in Toxiproxy is disabled for `down`, enabled for `up`, and so on, by the harness's clock; it begins down. Each " +
      'time the proxy is disabled its open connections end, and connects are refused until it is enabled again. Healing stops that ' +
      'and leaves it enabled.',
    'With `jitter`, each time takes up to that much longer, drawn by the seed, the fault and how many times it went down before.',
    'Its evidence: how many times it went down, counted where it is done, and attempts that lost their connection or were refused one.',
    'Each switch takes Toxiproxy about 2 ms, by which it comes later; `up` and `down` of less than 20 ms are not kept exactly.',
  ].join('\n\n'),
  place: 'network',
  parameters: z.strictObject({
    down: positiveDuration().describe('how long connects are refused each time'),
    up: positiveDuration().describe('how long it works in between'),
    jitter: duration().default(0).describe('up to this much longer, each time, drawn by the seed'),
  }),
  example: { down: '2s', up: '5s', jitter: '1s' },
  demonstrations: [
    {
      about: 'The path is down for 2 s in every 6 s or so, for a minute: attempts fail, and the next ones get through.',
      compression: { time: 20, bytes: 500 },
      load: { rate: '53MB/s', blocks: 6 },
      timeline: [{ at: '0s', for: '1m', with: { down: '2s', up: '3s', jitter: '1s' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
  ],
  touches: acceptance,
  compress: ({ down, up, jitter }, compression) => ({
    down: compression.duration(down, 'down'),
    up: compression.duration(up, 'up'),
    jitter: compression.duration(jitter, 'jitter'),
  }),
  async inject({ lease: { proxy }, parameters: { down, up, jitter }, id, seed, clock }) {
    const random = new Random(seed);
    const stop = new AbortController();
    let flaps = 0;
    let isDown = false;
    let failure: Error | undefined;
    const goDown = async () => {
      await proxy.disable();
      isDown = true;
      flaps++;
    };
    const goUp = async () => {
      await proxy.enable();
      isDown = false;
    };
    const lasts = (state: 'down' | 'up', ms: number) => ms + jitter * random.uniform(id, state, flaps);
    const flap = async () => {
      for (;;) {
        await clock.sleep(lasts('down', down), stop.signal);
        await goUp();
        await clock.sleep(lasts('up', up), stop.signal);
        await goDown();
      }
    };
    await goDown();
    const flapped = flap().catch((error) => {
      if (!stop.signal.aborted) failure = error as Error;
    });
    const evidence = async (): Promise<Evidence> => ({ fired: flaps, unit: 'times' });
    return {
      evidence,
      async heal() {
        stop.abort();
        await flapped;
        if (isDown) await goUp();
        if (failure) {
          throw new Error(`it went down ${counted(flaps, 'time')} and no more, and was left up: ${failure.message}`, {
            cause: failure,
          });
        }
        return evidence();
      },
    };
  },
  effect(context) {
    const begun = begunInForce(context);
    const ended = context.attempts.filter(
      (attempt) =>
        attempt.t >= context.fault.t &&
        attempt.start <= context.end.until &&
        (lostConnection(attempt) || attempt.failure === 'connect'),
    ).length;
    const answered = answeredInForce(context).length;
    if (begun.length === 0 && ended === 0) {
      return { seen: false, message: 'no request began while it was in force; it needs load' };
    }
    return ended > 0
      ? {
          seen: true,
          message: `${counted(ended, 'request')} lost their connection or got none, and ${answered} were answered`,
        }
      : { seen: false, message: `none of ${counted(begun.length, 'request')} lost its connection, or was refused one` };
  },
});
