/** Nothing that was cut is lost. */
import type { HistoryEvent } from '../history/events.ts';
import { formatByteSize } from '../tempo/byte-size.ts';
import { type BlockFate, BlockTally, type ObjectDamage } from './block-tally.ts';
import type { CheckContext, Checker, Finding, RunningChecker } from './checker.ts';
import { counted, listed } from './counted.ts';

const name = 'durability';

/** Blocks that are described one by one in the message; all are in `blocks`. */
const BLOCKS_DESCRIBED = 3;

export const durability = {
  name,
  invariant:
    'Every object of every block cut is read back from the bucket with the same size and SHA-256, or its data is in a block that it was compacted into and that is read back so, or the block is still whole on the local disk and waits for its flush; and no data was lost before its block was cut.',
  kind: 'safety',
  reads: BlockTally.reads,
  start: (context: CheckContext) => new Durability(context),
} satisfies Checker;

class Durability implements RunningChecker {
  readonly #context: CheckContext;
  readonly blocks = new BlockTally();

  constructor(context: CheckContext) {
    this.#context = context;
  }

  see(event: HistoryEvent): void {
    this.blocks.see(event);
  }

  findings(): Finding[] {
    const fates = this.blocks.fates();
    if (fates.length === 0) {
      return [{ checker: name, verdict: 'inconclusive', message: 'no block was cut: there was nothing to lose' }];
    }
    if (!this.blocks.finalRead) {
      const cut = fates.filter((fate) => fate.cut).length;
      return [
        {
          checker: name,
          verdict: 'inconclusive',
          message: `${counted(cut, 'block')} cut, but the final read of the bucket was not completed: what is in it is not known`,
        },
      ];
    }
    const lost = fates.filter((fate) => fate.lost);
    const allowed = this.#context.expect.lost;
    if (lost.length === 0) return [{ checker: name, verdict: 'pass', message: describeKept(fates) }];
    const described = lost
      .slice(0, BLOCKS_DESCRIBED)
      .map((fate) => describeLoss(fate, this.#context))
      .join('; ');
    const more = lost.length > BLOCKS_DESCRIBED ? `; and ${counted(lost.length - BLOCKS_DESCRIBED, 'more block')}` : '';
    return [
      {
        checker: name,
        verdict: lost.length > allowed ? 'fail' : 'pass',
        message: `${lost.length} of ${counted(fates.length, 'block')} lost (at most ${allowed} expected): ${described}${more}`,
        blocks: lost.map(({ block }) => block),
      },
    ];
  }
}

function describeKept(fates: BlockFate[]): string {
  const waiting = fates.filter((fate) => !fate.readBack);
  const compacted = fates.filter(({ compactedInto }) => compactedInto !== undefined).length;
  const elsewhere = compacted > 0 ? ` (${compacted} in blocks that they were compacted into)` : '';
  const read = `${counted(fates.length, 'block')} cut, ${fates.length - waiting.length} read back whole${elsewhere}`;
  if (waiting.length === 0) return read;
  return `${read}, ${waiting.length} not flushed yet and still whole on the local disk (${listed(waiting.map(({ block }) => block))})`;
}

function describeLoss(fate: BlockFate, { compression }: CheckContext): string {
  const { block, cut, dropped, missing, readBack, damage } = fate;
  const parts: string[] = [];
  if (missing) {
    const bytes = formatByteSize(missing.bytes * compression.bytes);
    parts.push(`${bytes} of its data were lost before it was cut: ${missing.reason}`);
  }
  if (dropped !== undefined) parts.push(`the writer gave it up${cut ? '' : ' before it was cut'}: ${dropped}`);
  else if (cut && !readBack) {
    parts.push(
      fate.flushed ? 'its flush had been acknowledged' : 'it was never flushed, and is not whole on the local disk',
    );
  }
  if (fate.unreadableSince !== undefined) parts.push(fate.unreadableSince);
  const inBucket = damage.length > 0 ? `: in the bucket ${listed(damage.map(describeDamage))}` : '';
  return `block ${block} (${parts.join('; ')})${inBucket}`;
}

function describeDamage({ name, problem, expected, found }: ObjectDamage): string {
  switch (problem) {
    case 'missing':
      return `${name} is missing`;
    case 'wrong size':
      return `${name} has ${found?.size} bytes instead of ${expected.size}`;
    case 'different bytes':
      return `${name} has different bytes (SHA-256 ${found?.sha256.slice(0, 12)} instead of ${expected.sha256.slice(0, 12)})`;
  }
}
