/**
 * Two or three sentences for a Tempo operator, for what is not a plain pass:
 *
 * 1. What was lost, late or wrong.
 * 2. When, by which cause, with which evidence. Of data that was lost in a way that Tempo has, that way.
 * 3. What to change, if the evidence says so.
 * 4. What passed, and is worth telling all the same: alone of a pass.
 */
import type { CheckContext, Finding, Verdict } from '../checkers/checker.ts';
import { sayMoment } from '../checkers/config-time.ts';
import { counted, listed } from '../checkers/counted.ts';
import type { TempoVersion } from '../tempo/settings.ts';
import { adviceFor } from './advice.ts';
import type { Attribution } from './attribution/attribution.ts';
import { sayBlame } from './attribution/blame-words.ts';
import { whatFilled } from './disk-filled.ts';
import type { FaultTime, KnownTrouble, Ordeal } from './known-trouble.ts';
import { adviceForLoss, sayFilled, sayLoss } from './loss-words.ts';
import type { Losses, NamedLoss } from './losses.ts';
import { type Span, saySpan, widest } from './moments.ts';
import { otherCopies } from './other-copies.ts';

/** The gravest failure first. Of several findings the first of these is explained; the others are in the findings. */
export const gravity: readonly string[] = [
  'durability',
  'conservation',
  'atomicity',
  'compaction',
  'no-phantoms',
  'history-whole',
  'fault-fired',
  'path-healed',
  'deadline-exceeded',
  'recovered-within',
  'visible-within',
  'backlog',
  'visibility-gap',
  'live-traces',
  'steady-state-regained',
  'success-rate',
  'retry-storm',
  'amplification',
  'orphans',
];

/** Why a run proves nothing, causes before what follows from them: a harness that broke cuts no block, and injects no fault. */
const causes = ['history-whole', 'steady-state', 'fault-fired', 'harness-on-time', ...gravity.slice(0, 5)];

/** What happened to attempts is why these fail; the others say all in their message. */
const explainedByAttempts = [
  'durability',
  'deadline-exceeded',
  'recovered-within',
  'visible-within',
  'backlog',
  'success-rate',
  'amplification',
];

/** These are of the run, and of no block of it. */
const ofAllBlocks = ['backlog', 'success-rate', 'retry-storm', 'amplification'];

/** Ways of losing data that are told of one run. */
const WAYS_TOLD = 2;

/** What an explanation is made from, beside the findings. */
export interface Evidence {
  trouble: KnownTrouble;
  losses: Losses;
  attribution: Attribution;
  compression: CheckContext['compression'];
  /** Settings are called by their names in it. */
  version: TempoVersion;
}

/** Empty for a pass of which nothing is worth telling. */
export function explain(verdict: Verdict, findings: readonly Finding[], evidence: Evidence): string {
  return [explainVerdict(verdict, findings, evidence), ...notesOf(findings)].filter((part) => part !== '').join(' ');
}

function notesOf(findings: readonly Finding[]): string[] {
  return findings.filter(({ note }) => note).map(({ message }) => sentence(message));
}

function explainVerdict(verdict: Verdict, findings: readonly Finding[], evidence: Evidence): string {
  if (verdict === 'pass') return '';
  const [gravest] = inOrderOf(
    verdict === 'fail' ? gravity : causes,
    findings.filter((finding) => finding.verdict === verdict),
  );
  if (!gravest) return '';
  if (verdict === 'inconclusive') return `This run proves nothing: ${gravest.message}.`;
  const { losses } = evidence;
  const lost = gravest.checker === 'durability' ? losses.of(gravest.blocks ?? []).slice(0, WAYS_TOLD) : [];
  const parts = lost.length > 0 ? explainLosses(lost, evidence) : explainByTrouble(gravest, evidence);
  return [sentence(whatHappened(gravest)), ...parts].filter((part) => part !== undefined && part !== '').join(' ');
}

function explainByTrouble(gravest: Finding, { trouble, attribution, version }: Evidence): (string | undefined)[] {
  const ofAll = ofAllBlocks.includes(gravest.checker);
  const ordeal = ofAll ? trouble.ofAll() : trouble.of(gravest.blocks ?? []);
  const blame = ofAll ? attribution.blame() : attribution.blameOf(gravest.blocks ?? []);
  return [why(gravest, ordeal, trouble.faults(), sayBlame(blame)), adviceFor(gravest.checker, ordeal, version, blame)];
}

/** Each way, then what had filled the disk, then the faults of that time, then each advice once. */
function explainLosses(lost: readonly NamedLoss[], { trouble, compression, version }: Evidence): string[] {
  const filled = lost.find((loss) => whatFilled(loss) !== undefined);
  const explained = lost.map((loss) => {
    const ordeal = ordealOf(loss, trouble);
    // What filled the disk is told once: of the way of most bytes.
    const parts = [sayLoss(loss, compression), loss === filled && sayFilled(loss, compression)];
    if (whatFilled(loss) === undefined || loss === filled) parts.push(describeAttempts(ordeal));
    return { told: sentence(parts.filter(Boolean).join('; ')), advice: adviceForLoss(loss, ordeal, version) };
  });
  const active = describeFaults(trouble.faults(), spanOf(lost));
  return [
    ...explained.map(({ told }) => told),
    active === undefined ? '' : sentence(active),
    ...tellCopiesOnce([...new Set(explained.flatMap(({ advice = [] }) => advice))], version),
  ];
}

/** Of several advices that each end in where another copy of the traces is, only the first says so. */
function tellCopiesOnce(advices: readonly string[], version: TempoVersion): string[] {
  const copies = otherCopies(version);
  if (copies === undefined) return [...advices];
  const first = advices.findIndex((advice) => advice.includes(copies));
  return advices.map((advice, place) => (place > first ? advice.replace(`; ${copies}`, '') : advice));
}

/** What tells why: of a backlog, all flushes there were; of a flush that was given up, its own. */
function ordealOf(loss: NamedLoss, trouble: KnownTrouble): Ordeal {
  if (whatFilled(loss) === 'behind') return trouble.ofAll();
  return trouble.of(loss.way === 'flush-retries' ? loss.blocks : []);
}

function spanOf(lost: readonly NamedLoss[]): Span {
  return lost.map(({ when }) => when).reduce((all, when) => widest(all, when));
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

function why(
  { checker, message }: Finding,
  ordeal: Ordeal,
  faults: readonly FaultTime[],
  blame: string,
): string | undefined {
  if (!explainedByAttempts.includes(checker)) return undefined;
  const { attempts, failing, cut } = ordeal;
  // Not for want of a flush: what was found in the bucket is the evidence.
  if (checker === 'durability' && attempts.failed === 0) return sentence(message.slice(message.indexOf(': ') + 2));
  const parts = [describeFaults(faults, failing ?? cut), describeAttempts(ordeal, blame)].filter((part) => part);
  const told = [parts.join('; '), blame].filter((part) => part !== '').map(sentence);
  return told.length === 0 ? undefined : told.join(' ');
}

/**
 * What became of the attempts and flushes of some blocks, and where their time went, unless it is told whom that is due to; empty when there
 * was nothing.
 */
function describeAttempts({ attempts, failing, failedFlushes, deadlines }: Ordeal, blame = ''): string {
  const parts: string[] = [];
  if (attempts.failed > 0 && failing) {
    parts.push(`${saySpan(failing)}, ${attempts.describeFailures()}`);
  } else if (attempts.attempts > 0) {
    parts.push(attempts.describeFailures());
  }
  if (attempts.attempts > 0 && blame === '') parts.push(`their time went ${attempts.describeTime()}`);
  if (failedFlushes > 0) {
    const which = deadlines === failedFlushes ? '' : `${deadlines} of them `;
    const hidden = deadlines > 0 ? `, ${which}with context deadline exceeded` : '';
    parts.push(`${counted(failedFlushes, 'flush')} failed${hidden}`);
  }
  return parts.join('; ');
}

/** The faults that were active at any time of it. */
function describeFaults(faults: readonly FaultTime[], during: Span | undefined): string | undefined {
  const overlapping = during
    ? faults.filter(({ from, until }) => from <= during.last && (until ?? during.first) >= during.first)
    : faults;
  if (overlapping.length === 0) return undefined;
  const times = overlapping.map(({ id, from, until }) =>
    until === undefined ? `${id} from ${sayMoment(from)} on` : `${id} from ${sayMoment(from)} to ${sayMoment(until)}`,
  );
  return `${times.length === 1 ? 'fault' : 'faults'} in force: ${listed(times)}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
