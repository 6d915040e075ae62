/**
 * Whether a fault with a probability acted on the requests that the seed draws, and on no others: the draws are made again, from the
 * seed of the history. One that acts more often, or less, than its probability says is another fault than the scenario's.
 *
 * 1. A decision to act has to be one that the seed draws.
 * 2. A decision not to act has to be one that it does not draw, unless the fault has other reasons to let a request pass (`first`, `every`,
 *    `window`).
 */
import type { EdgeEvent, FaultStartEvent, JudgedBy } from '../history/events.ts';
import { Random } from '../random.ts';

interface Drawing {
  probability: number;
  /** It is the only thing that chooses among the requests. */
  alone: boolean;
  /** Decisions, those that are not the seed's, and the first of these. */
  decisions: number;
  strayed: number;
  example: string | undefined;
}

export class SeededDecisions {
  readonly #random: Random;
  readonly #drawings = new Map<string, Drawing>();

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  started({ id, with: given }: Pick<FaultStartEvent, 'id' | 'with'>): void {
    const { probability, ...others } = (given ?? {}) as Record<string, unknown>;
    if (typeof probability !== 'number') return;
    const alone = ['first', 'every', 'window'].every((name) => others[name] === undefined);
    this.#drawings.set(id, { probability, alone, decisions: 0, strayed: 0, example: undefined });
  }

  see(edge: Pick<EdgeEvent, 'operation' | 'key' | 'partNumber' | 'judged'>): void {
    for (const judged of edge.judged ?? []) {
      const drawing = this.#drawings.get(judged.rule);
      if (drawing) this.#compare(drawing, judged, edge);
    }
  }

  /** What is wrong with the decisions of a fault, in words. `undefined`: nothing. */
  strayed(id: string): string | undefined {
    const { decisions, strayed, probability, example } = this.#drawings.get(id) ?? { strayed: 0 };
    if (strayed === 0) return undefined;
    return `${strayed} of its ${decisions} decisions are not those that the seed draws with probability ${probability}: ${example}`;
  }

  #compare(
    drawing: Drawing,
    { rule, n, acts }: JudgedBy,
    { operation, key, partNumber = 0 }: Pick<EdgeEvent, 'operation' | 'key' | 'partNumber'>,
  ): void {
    drawing.decisions++;
    // As gateway/request-match.ts draws.
    const drawn = this.#random.uniform(rule, operation, key, partNumber, n) < drawing.probability;
    if (drawn === acts || (drawn && !drawing.alone)) return;
    drawing.strayed++;
    drawing.example ??= `${operation} ${key}, for the ${n}. time, was ${acts ? 'acted on' : 'let pass'}`;
  }
}
