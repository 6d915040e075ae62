import { request } from '../example-history.ts';
import { exampleRun } from './example-run.ts';
import type { CheckerPage } from './page.ts';

const [, past] = request('steady', 'meta.json', [1_500, 1_510], { attempt: 2 });

export const historyWholePage: CheckerPage = {
  details: `
Judging is done from the history alone, so it has to be all there: it begins with its scenario, its events are in the order of time, the phases follow one another, the final read came to its end and its objects are as many as it says. Nothing of the harness or of the environment broke on the way. And every attempt that S3 answered was seen at the gateway: traffic that went past it cannot have met a fault. What the gateway passed under an attempt's id has to be an attempt that its client tells of, within the time that the client tells: otherwise a part of the history is missing, or the two have different clocks. Before the first fault S3 itself is asked whether attempt ids reach it: a request that is signed with its id has to be refused, since the gateway has taken the id out.

A lease that could not be released as it was taken is a fail: something is left behind.`,
  reads: {
    'every event': 'its time, and its place',
    scenario: 'that it is the first event, and there once',
    phase: 'the order of the phases',
    attempt: 'its id, its time, and whether it was answered',
    edge: 'the attempts that passed the gateway, and when',
    probe: 'whether an attempt id reached S3',
    'writer.process': 'that a writer was killed, and could not tell of its last attempts',
    'final.object': 'how many there are',
    'final.read': 'how many there have to be',
    'harness.error': 'what broke',
    'release.error': 'what was left behind',
    'writer.error': 'a writer that failed in a way that no fault asked for',
    disk: 'a disk that failed in a way that no fault asked for',
  },
  example: exampleRun({
    about:
      'An attempt was answered 200 and did not pass the gateway: the client talks to another S3 than the one that is being judged.',
    events: [past],
  }),
  limits: [
    'Whether attempt ids reach S3 is asked where the path is probed: in a scenario without faults it is not.',
    'An event that was never written, and that nothing else refers to, is not missed: a wire or DNS event, say.',
    'A history that was edited with care, every count adjusted, is taken for what it says. It is evidence, not a seal.',
    'Clients that are not of the harness send no attempt id; their traffic is matched by operation, key and order, and marked so.',
  ],
};
