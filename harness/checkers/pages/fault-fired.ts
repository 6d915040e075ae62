import { exampleRun } from './example-run.ts';
import type { CheckerPage } from './page.ts';

export const faultFiredPage: CheckerPage = {
  details: `
A fault that never took effect would pass every other check, and prove nothing. So each entry of the timeline has to have been injected and ended; it has to have acted, as counted where it acts; and its effect has to be in the history, as the fault's own check says: a reset that was counted must have been met by an attempt, a latency must have been measured. Of a fault with a probability, the draws are made again from the seed: it has to have acted on the requests that the seed draws, and on no others. The pages of the faults say what each one's evidence is.

A heal that failed is a fail: what runs next may meet the fault again.`,
  reads: {
    scenario: 'how many faults the timeline has',
    'fault.start': 'that each was injected',
    'fault.end': 'how often it acted, its evidence, and whether it was healed',
    attempt: 'what clients met while it was active',
    edge: 'what the gateway and MinIO saw meanwhile, and which requests the fault decided to act on',
    wire: 'connections that were opened or ended',
    'tls.handshake': 'handshakes that it acted on',
    'dns.query': 'queries that it acted on',
    disk: "operations of the writers' disks that it acted on",
    'writer.process': "what it did to the writers' processes",
    'writer.start-failed': 'how often those could not start again while S3 was away',
    phase: 'from when on its moments are told',
    server: 'what it did to the server',
  },
  example: exampleRun({
    about:
      'A fault on S3 is active for 700 ms in which no request is sent: everything is flushed in time, and that proves nothing.',
    fault: { fired: 0 },
    events: [],
    beside: [],
  }),
  limits: [
    'That a fault acted, and was met, does not say that it was met by the block that was late. The explanation goes by times and phases for that, never by which fault was injected.',
    'A fault that acts where nothing can count it (a name that resolves to a stale address) is counted by its effect alone.',
    'Other causes can look like an effect: a latency that is measured may be of a busy machine. The checks compare with what was measured before the fault.',
  ],
};
