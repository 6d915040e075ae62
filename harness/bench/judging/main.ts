/** A process of its own that judges one history, named on its command line, and prints what that took: for `npm run bench -- judging`. */
import { realClock } from '../../clock.ts';
import { effects } from '../../faults/catalogue.ts';
import { parseEvent } from '../../history/parse-event.ts';
import { wholeLines } from '../../history/whole-lines.ts';
import { judgeFile } from '../../verdict/judge-file.ts';

export interface Judged {
  seconds: number;
  /** Of CPU, user and system. */
  cpuSeconds: number;
  /** The most that was resident. */
  mebibytes: number;
  events: number;
  verdict: string;
  explanation: string;
}

const [, , file = '', mode] = process.argv;
const began = realClock.now();
let result: Pick<Judged, 'events' | 'verdict' | 'explanation'>;
if (mode === 'parse') {
  // The floor: what reading the lines takes, and nothing of what is in them.
  let events = 0;
  for await (const { bytes, last } of wholeLines(file, { heldBack: 1 })) {
    for (let from = 0, to = 0; !last && from < bytes.length; from = to + 1) {
      to = bytes.indexOf(10, from);
      parseEvent(bytes.toString('utf8', from, to), file, ++events);
    }
  }
  result = { events, verdict: 'none', explanation: '' };
} else {
  const { judgement, events } = await judgeFile(file, { effects });
  const objections = judgement.findings.filter(({ verdict }) => verdict !== 'pass');
  const explanation = objections.map(({ checker, message }) => `${checker}: ${message}`).join('\n');
  result = { events, verdict: judgement.verdict, explanation };
}
const { user, system } = process.cpuUsage();
console.log(
  JSON.stringify({
    seconds: (realClock.now() - began) / 1000,
    cpuSeconds: (user + system) / 1e6,
    mebibytes: process.resourceUsage().maxRSS / 1024,
    ...result,
  } satisfies Judged),
);
