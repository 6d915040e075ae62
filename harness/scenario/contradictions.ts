/**
 * Expectations that contradict themselves, or the rest of their scenario: a run of it could never be as expected, or one of its limits
 * could never matter. They are refused when the scenario is read.
 */
import { checkers } from '../checkers/catalogue.ts';
import { counted } from '../checkers/counted.ts';
import type { Expectations } from './expectations.ts';
import type { Load } from './load.ts';

export interface Contradiction {
  /** The key of `expect` that is to be changed. */
  key: keyof Expectations;
  message: string;
}

/** As a schema gives them: what is absent may be there as `undefined`. */
type Read = { [Key in keyof Expectations]: Expectations[Key] | undefined };

interface Expecting {
  expect: Read & Pick<Expectations, 'verdict' | 'lost'>;
  timeline: readonly unknown[];
  load: Pick<Load, 'writers' | 'blocks' | 'compactors'>;
}

/** Checkers that pass any run without a fault. */
const ofFaults: readonly string[] = ['fault-fired', 'path-healed', 'recovered-within', 'steady-state-regained'];

export function contradictionsIn(scenario: Expecting): Contradiction[] {
  const { verdict, cause } = scenario.expect;
  const ofCause = verdict === 'fail' && cause !== undefined ? whyNeverTheCause(cause, scenario) : undefined;
  return [...(ofCause ? [ofCause] : []), ...betweenLimits(scenario.expect)];
}

/** Why the checker can never fail a run of this scenario. */
function whyNeverTheCause(cause: string, { expect, timeline, load }: Expecting): Contradiction | undefined {
  const checker = checkers({}).find(({ name }) => name === cause);
  const never = (why: string): Contradiction => ({ key: 'cause', message: `${cause} can never fail here: ${why}` });
  if (checker?.neverFails) return never('it only ever makes a run inconclusive, so name another checker');
  const { judges } = checker ?? {};
  if (judges?.every((key) => expect[key] === undefined)) {
    return never(`it judges what \`expect\` has of ${judges.map((key) => `\`${key}\``).join(' or ')}, so add that`);
  }
  if (ofFaults.includes(cause) && timeline.length === 0) return never('it is about faults, and the timeline has none');
  if (cause === 'compaction' && load.compactors === 0) {
    return never('no compactor runs, so say how many in `load.compactors`');
  }
  const blocks = load.writers * load.blocks;
  if (cause === 'durability' && expect.lost >= blocks) {
    const message = `durability can never fail here: it has to lose more, and ${counted(blocks, 'block')} ${blocks === 1 ? 'is' : 'are'} cut in all`;
    return { key: 'lost', message };
  }
  return undefined;
}

/** Limits of which one decides the other. */
function betweenLimits({ firstAttemptSuccess, finalSuccess, orphanedParts, orphanedBytes }: Partial<Read>) {
  const found: Contradiction[] = [];
  if (firstAttemptSuccess !== undefined && finalSuccess !== undefined && finalSuccess < firstAttemptSuccess) {
    const message = `less than \`firstAttemptSuccess\` (${firstAttemptSuccess}), and what succeeds at first has succeeded in the end: are the two swapped?`;
    found.push({ key: 'finalSuccess', message });
  }
  if (orphanedParts === 0 && orphanedBytes !== undefined && orphanedBytes > 0) {
    found.push({
      key: 'orphanedBytes',
      message: 'without a part (`orphanedParts: 0`) there are no bytes: leave one away',
    });
  }
  if (orphanedBytes === 0 && orphanedParts !== undefined && orphanedParts > 0) {
    found.push({
      key: 'orphanedParts',
      message: 'each part has bytes, of which none may be left (`orphanedBytes: 0`)',
    });
  }
  return found;
}
