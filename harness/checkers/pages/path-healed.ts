import { exampleRun } from './example-run.ts';
import type { CheckerPage } from './page.ts';

export const pathHealedPage: CheckerPage = {
  details: `
A fault that is still in force when it counts as healed spoils the recovery that is being judged, and whatever runs next. So the path is asked, and tried. Asked: Toxiproxy, the gateway, the DNS server and the writers' disks name what they have in force, which has to be nothing. Tried: a PUT, a GET and a DELETE of 4 KiB, each over a connection of its own, before the first fault and after the last heal. The quickest after has to be no slower than the slowest before, and a little.`,
  reads: {
    'fault.start': 'that there was something to heal',
    probe: 'what is in force, and how long a small request takes, before and after',
  },
  example: exampleRun({
    about: 'The fault was told to be healed, and Toxiproxy still has its toxic.',
    fault: {},
    inForceAfter: ['toxic 1-latency'],
    events: [],
  }),
  limits: [
    'A probe is three requests of each kind at one moment: a path that is slow now and then may look healed.',
    'On a busy machine a probe is slow by itself. So a path that is slower than before is inconclusive, and not a fail; and up to 250 ms slower passes.',
    'It looks at the path of the harness itself. What a client remembers (a stale address, a connection that hangs) is not in it.',
  ],
};
