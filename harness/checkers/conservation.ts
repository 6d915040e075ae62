/** No byte that a writer acknowledged is nowhere: neither where it is to be found, nor among what is told to be lost. */
import type { HistoryEvent } from '../history/events.ts';
import type { CheckContext, Checker, Finding, RunningChecker } from './checker.ts';
import { counted, listed } from './counted.ts';
import { type DataAccount, DataLedger } from './data-ledger.ts';
import { saySize } from './say-size.ts';

const name = 'conservation';

/** Writers that are described one by one. */
const WRITERS_DESCRIBED = 3;

export const conservation = {
  name,
  invariant:
    'Every byte that a writer acknowledged is in a block, in the WAL or in memory at the end, or declared lost; and no more than that is there.',
  kind: 'safety',
  reads: [...DataLedger.reads, 'final.read'],
  start: (context: CheckContext) => new Conservation(context),
} satisfies Checker;

class Conservation implements RunningChecker {
  readonly #context: CheckContext;
  readonly ledger = new DataLedger();
  #finalRead = false;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  see(event: HistoryEvent): void {
    if (event.type === 'final.read') this.#finalRead = true;
    this.ledger.see(event);
  }

  findings(): Finding[] {
    const accounts = this.ledger.accounts();
    if (accounts.length === 0) return [{ checker: name, verdict: 'pass', message: 'nothing was pushed' }];
    const total = this.ledger.total();
    const acknowledged = `${this.#size(total.acknowledged)} acknowledged by ${counted(accounts.length, 'writer')}`;
    if (!this.#finalRead) {
      const message = `${acknowledged}, but the final read was not completed: what is on the local disks is not known`;
      return [{ checker: name, verdict: 'inconclusive', message }];
    }
    const wrong = accounts.filter(({ account }) => account.undeclared > 0 || account.surplus > 0);
    if (wrong.length === 0) {
      return [{ checker: name, verdict: 'pass', message: `${acknowledged}: ${this.#describe(total)}` }];
    }
    const described = wrong.map(
      ({ writer, account, undeclaredOf }) => `${writer} ${this.#describeWrong(account, undeclaredOf)}`,
    );
    const blocks = wrong.flatMap(({ undeclaredOf }) => undeclaredOf);
    return [
      {
        checker: name,
        verdict: 'fail',
        message: `${acknowledged}, and not all of it is accounted for: ${listed(described, WRITERS_DESCRIBED)}`,
        ...(blocks.length > 0 && { blocks }),
      },
    ];
  }

  #describe({ inBlocks, inWal, live, walLost, liveLost }: DataAccount): string {
    const parts: [bytes: number, where: string][] = [
      [inBlocks, 'in blocks'],
      [inWal, 'in the WAL'],
      [live, 'in memory at the end'],
      [walLost, 'declared lost'],
      [liveLost, 'live traces that went with their process'],
    ];
    return parts
      .filter(([bytes]) => bytes > 0)
      .map(([bytes, where]) => `${this.#size(bytes)} ${where}`)
      .join(', ');
  }

  #describeWrong({ undeclared, surplus }: DataAccount, undeclaredOf: string[]): string {
    const parts: string[] = [];
    if (undeclared > 0) {
      const of = undeclaredOf.length > 0 ? ` (of ${listed(undeclaredOf.map((block) => `block ${block}`))})` : '';
      parts.push(`has ${this.#size(undeclared)} nowhere, and no loss of it was declared${of}`);
    }
    if (surplus > 0) parts.push(`has ${this.#size(surplus)} more in blocks or its WAL than it had acknowledged`);
    return parts.join(' and ');
  }

  #size(bytes: number): string {
    return saySize(bytes * this.#context.compression.bytes);
  }
}
