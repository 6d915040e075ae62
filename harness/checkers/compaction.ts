/**
 * What a compactor does to the blocks that are there.
 *
 * 1. A block was *readable* once a writer was told that its flush is done, or a compactor that its meta.json is written.
 * 2. A block is *marked* when its meta.compacted.json is in the bucket, or the compactor was told that the mark is there.
 * 3. A marked block whose meta.json is gone has to be readable in another one (compacted-data.ts).
 * 4. The objects of what a compactor wrote were applied before its meta.json, as the gateway saw it (see atomicity.ts).
 *
 * What its uploads left behind costs money, and no data: see orphans.ts.
 */
import type { BlockCutEvent, BlockObject, CompactionEvent, HistoryEvent } from '../history/events.ts';
import { type Application, applicationOf, type Judged, judgeBlock, makesAnObject } from './atomicity.ts';
import { dataOf } from './block-index.ts';
import type { Checker, Finding, RunningChecker } from './checker.ts';
import { CompactedData } from './compacted-data.ts';
import { counted, listed } from './counted.ts';
import { blockOf, objectName } from './object-key.ts';

const name = 'compaction';
const META = 'meta.json';
const MARK = 'meta.compacted.json';

export const compaction: Checker = {
  name,
  invariant:
    'Whatever block could be read before a compaction can be read after it, in the new block if not in its own, and the meta.json of the new block is applied last.',
  kind: 'safety',
  reads: ['scenario', 'block.cut', 'flush.end', 'compaction', 'edge', 'final.object', 'final.read'],
  start: () => new Compaction(),
};

class Compaction implements RunningChecker {
  readonly #data = new CompactedData();
  readonly #jobs: CompactionEvent[] = [];
  /** Every block that was readable, with its data. */
  readonly #readable = new Map<string, BlockObject | undefined>();
  readonly #cuts = new Map<string, BlockCutEvent>();
  readonly #marked = new Set<string>();
  /** Blocks whose meta.json is in the bucket. */
  readonly #visible = new Set<string>();
  /** When S3 applied each object, by its key. */
  readonly #applied = new Map<string, Application[]>();
  #compactors = 0;
  #finalRead = false;

  see(event: HistoryEvent): void {
    switch (event.type) {
      case 'scenario':
        this.#compactors = compactorsOf(event.scenario);
        break;
      case 'block.cut':
        this.#cuts.set(event.block, event);
        break;
      case 'flush.end': {
        const cut = this.#cuts.get(event.block);
        if (cut && event.outcome === 'ok') this.#readable.set(event.block, dataOf(cut));
        break;
      }
      case 'compaction':
        this.#jobs.push(event);
        this.#data.see(event);
        if (event.objects.some((object) => object.name === META)) this.#readable.set(event.output, dataOf(event));
        for (const block of event.marked) this.#marked.add(block);
        break;
      case 'edge': {
        if (!makesAnObject(event)) return;
        // Of a run without compactors, what a writer cut is no compactor's.
        if (this.#compactors === 0 && this.#cuts.has(blockOf(event.key))) return;
        const application = applicationOf(event);
        if (!application) return;
        const before = this.#applied.get(event.key);
        if (before) before.push(application);
        else this.#applied.set(event.key, [application]);
        break;
      }
      case 'final.object':
        this.#data.see(event);
        if (objectName(event.key) === META) this.#visible.add(blockOf(event.key));
        if (objectName(event.key) === MARK) this.#marked.add(blockOf(event.key));
        break;
      case 'final.read':
        this.#finalRead = true;
        break;
    }
  }

  findings(): Finding[] {
    if (this.#jobs.length === 0) {
      if (this.#compactors === 0) return [{ checker: name, verdict: 'pass', message: 'no compactor ran' }];
      const message = 'no blocks were compacted: blocks of one window have to be there for it';
      return [{ checker: name, verdict: 'inconclusive', message }];
    }
    if (!this.#finalRead) {
      const message = 'the final read of the bucket was not completed: what can be read is not known';
      return [{ checker: name, verdict: 'inconclusive', message }];
    }
    const findings = [...this.#judgeReadable(), ...this.#judgeOrder()];
    if (findings.length > 0) return findings;
    return [{ checker: name, verdict: 'pass', message: this.#describe() }];
  }

  /** Step 3. */
  #judgeReadable(): Finding[] {
    const gone = [...this.#marked].filter(
      (block) =>
        this.#readable.has(block) &&
        !this.#visible.has(block) &&
        this.#data.readableIn(block, this.#readable.get(block)) === undefined,
    );
    if (gone.length === 0) return [];
    const each = gone.map(
      (block) =>
        `block ${block}: ${this.#data.whyUnreadable(block, this.#readable.get(block)) ?? 'no compaction took it in'}`,
    );
    const message = `${counted(gone.length, 'block')} could be read before a compaction and cannot after it: ${listed(each)}`;
    return [{ checker: name, verdict: 'fail', message, blocks: gone }];
  }

  /** Step 4. */
  #judgeOrder(): Finding[] {
    const judged = this.#jobs.flatMap(({ output, keyPrefix, objects, outcome }) => {
      const states = objects.map((object) => {
        const applications = this.#applied.get(keyPrefix + object.name) ?? [];
        return [object.name, { applications, acknowledged: true }] as const;
      });
      const judgement = judgeBlock({ block: output, objects: new Map(states), flushed: outcome === 'ok' });
      return objects.some((object) => object.name === META) && judgement ? [{ output, judgement }] : [];
    });
    const violated = judged.filter(({ judgement }) => judgement.verdict === 'violated');
    const undecidable = judged.filter(({ judgement }) => judgement.verdict === 'undecidable');
    const findings: Finding[] = [];
    if (violated.length > 0) {
      const message = `${counted(violated.length, 'compacted block')} could be read incomplete: ${describe(violated)}`;
      findings.push({ checker: name, verdict: 'fail', message, blocks: violated.map(({ output }) => output) });
    }
    if (undecidable.length > 0) {
      const message = `the order in which S3 applied ${counted(undecidable.length, 'compacted block')} is not known: ${describe(undecidable)}`;
      findings.push({
        checker: name,
        verdict: 'inconclusive',
        message,
        blocks: undecidable.map(({ output }) => output),
      });
    }
    return findings;
  }

  #describe(): string {
    const failed = this.#jobs.filter(({ outcome }) => outcome === 'fail').length;
    const taken = new Set(this.#jobs.flatMap(({ outcome, inputs }) => (outcome === 'ok' ? inputs : []))).size;
    const jobs = this.#jobs.length - failed;
    const parts = [
      jobs === 0
        ? 'no compaction succeeded; every block can be read'
        : `${counted(taken, 'block')} compacted by ${counted(jobs, 'job')}, and all can be read`,
    ];
    if (failed > 0) parts.push(`${counted(failed, 'job')} failed`);
    return parts.join('; ');
  }
}

function describe(judged: readonly { output: string; judgement: Judged }[]): string {
  return listed(
    judged.map(({ output, judgement }) => `block ${output}: ${'why' in judgement ? judgement.why : judgement.verdict}`),
  );
}

/** Of the scenario, as the history has it. */
function compactorsOf(scenario: unknown): number {
  return (scenario as { load?: { compactors?: number } } | undefined)?.load?.compactors ?? 0;
}
