/**
 * Two or three sentences for a Tempo operator, for what is not a plain pass:
 *
 * 1. What was lost, late or wrong.
 * 2. When, by which cause, with which evidence.
 * 3. What to change, if the evidence says so.
 */
import type { Finding, Verdict } from '../checkers/checker.ts';
import { sayMoment } from '../checkers/config-time.ts';
import { counted, listed } from '../checkers/counted.ts';
import { adviceFor } from './advice.ts';
import type { FaultTime, Ordeal, Trouble } from './trouble.ts';

/** The gravest failure first. Of several findings the first of these is explained; the others are in the findings. */
const gravity = [
  'durability',
  'atomicity',
  'history-whole',
  'fault-fired',
  'deadline-exceeded',
  'recovered-within',
  'visible-within',
  'amplification',
];

/** Why a run proves nothing, causes before what follows from them: a harness that broke cuts no block, and injects no fault. */
const causes = ['history-whole', 'steady-state', 'fault-fired', 'harness-on-time', ...gravity.slice(0, 2)];

/** What happened to attempts is why these fail; the others say all in their message. */
const explainedByAttempts = ['durability', 'deadline-exceeded', 'recovered-within', 'visible-within', 'amplification'];

/** Empty for a pass. */
export function explain(verdict: Verdict, findings: readonly Finding[], trouble: Trouble): string {
  if (verdict === 'pass') return '';
  const [gravest] = inOrderOf(
    verdict === 'fail' ? gravity : causes,
    findings.filter((finding) => finding.verdict === verdict),
  );
  if (!gravest) return '';
  if (verdict === 'inconclusive') return `This run proves nothing: ${gravest.message}.`;
  const ordeal = gravest.checker === 'amplification' ? trouble.ofAll() : trouble.of(gravest.blocks ?? []);
  return [sentence(whatHappened(gravest)), why(gravest, ordeal, trouble.faults()), adviceFor(gravest.checker, ordeal)]
    .filter((part) => part !== undefined && part !== '')
    .join(' ');
}

/** Checkers that `order` does not name come last. */
function inOrderOf(order: readonly string[], findings: readonly Finding[]): Finding[] {
  const place = ({ checker }: Finding) => (order.includes(checker) ? order.indexOf(checker) : order.length);
  return [...findings].sort((a, b) => place(a) - place(b));
}

/** What is in the finding's message; the objects of lost blocks one by one, and flushes, are left to the message. */
function whatHappened({ checker, message, blocks = [] }: Finding): string {
  if (checker === 'deadline-exceeded') return message.split(': ', 1)[0] as string;
  if (checker !== 'durability') return message;
  return `${counted(blocks.length, 'block')} ${blocks.length === 1 ? 'was' : 'were'} lost: ${listed(blocks, 2)}`;
}

function why({ checker, message }: Finding, ordeal: Ordeal, faults: FaultTime[]): string | undefined {
  if (!explainedByAttempts.includes(checker)) return undefined;
  const { attempts, failing, dropped, failedFlushes, deadlines, cut } = ordeal;
  // Not for want of a flush: what was found in the bucket is the evidence.
  if (checker === 'durability' && attempts.failed === 0) return sentence(message.slice(message.indexOf(': ') + 2));
  const parts: string[] = [];
  const active = describeFaults(faults, failing ?? cut);
  if (active) parts.push(active);
  if (attempts.failed > 0 && failing) {
    parts.push(`between ${sayMoment(failing.first)} and ${sayMoment(failing.last)} ${attempts.describeFailures()}`);
  } else if (attempts.attempts > 0) {
    parts.push(attempts.describeFailures());
  }
  if (attempts.attempts > 0) parts.push(`their time went ${attempts.describeTime()}`);
  if (failedFlushes > 0) {
    const which = deadlines === failedFlushes ? '' : `${deadlines} of them `;
    const hidden = deadlines > 0 ? `, ${which}with context deadline exceeded` : '';
    parts.push(`${counted(failedFlushes, 'flush')} failed${hidden}`);
  }
  if (dropped.size > 0) parts.push(`then the writer gave up (${listed([...dropped], 1)})`);
  return parts.length === 0 ? undefined : sentence(parts.join('; '));
}

/** The faults that were active at any time of it. */
function describeFaults(faults: FaultTime[], during: { first: number; last: number } | undefined): string | undefined {
  const overlapping = during
    ? faults.filter(({ from, until }) => from <= during.last && (until ?? during.first) >= during.first)
    : faults;
  if (overlapping.length === 0) return undefined;
  const times = overlapping.map(({ id, from, until }) =>
    until === undefined ? `${id} from ${sayMoment(from)} on` : `${id} from ${sayMoment(from)} to ${sayMoment(until)}`,
  );
  return `active then: ${listed(times)}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
