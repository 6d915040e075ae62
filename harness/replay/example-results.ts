/** For tests: the histories of a run in its folder, as they are when it is over. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cut, finalRead, flush, inOrder, phase, scenario } from '../checkers/example-history.ts';
import type { HistoryEvent } from '../history/events.ts';
import { mergeParts, partsFolder } from '../history/merge.ts';
import { readTryFolder } from '../scenario/try-folder.ts';

/**
 * The events of a scenario of one block, `a`, which passes when that is among `blocks`, those that the final read finds. `about`: whatever
 * else the scenario says of itself.
 */
export function exampleEvents(name: string, blocks: readonly string[], about: object = {}): HistoryEvent[] {
  const run = scenario();
  return inOrder(
    { ...run, name, scenario: { ...(run.scenario as object), about: `about ${name}`, ...about } },
    phase('lease', 1),
    phase('steady-state', 2),
    cut('a', 10),
    flush('a', 20),
    phase('timeline', 490),
    phase('drain', 500),
    phase('final-read', 600),
    finalRead(601, ...blocks),
    phase('judging', 700),
  );
}

/**
 * Writes the history of that scenario, named as the folder of its first try; the folder is made. `broken`: what of the harness broke, so that
 * it proves nothing. @returns the file.
 */
export async function writeExampleHistory(
  folder: string,
  blocks: readonly string[],
  about?: object,
  broken?: string,
): Promise<string> {
  const parts = join(folder, partsFolder);
  mkdirSync(parts, { recursive: true });
  const events = exampleEvents(readTryFolder(basename(folder)).first, blocks, about);
  if (broken !== undefined) events.push({ t: 700, type: 'harness.error', where: 'gateway', message: broken });
  const lines = events.map((event) => `${JSON.stringify(event)}\n`);
  writeFileSync(join(parts, 'harness.ndjson'), lines.join(''));
  return mergeParts(folder);
}
