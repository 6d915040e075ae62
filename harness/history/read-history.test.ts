import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cut, flush, inOrder, lateness, phase, scenario } from '../checkers/example-history.ts';
import type { HistoryEvent } from './events.ts';
import { HistoryError } from './history-error.ts';
import { mergeParts, partsFolder } from './merge.ts';
import { type Reading, readHistoryInPieces } from './read-history.ts';

const events = inOrder(scenario(), phase('lease', 1), cut('a', 3), flush('a', 10), lateness(500, 3), lateness(600, 4));

let folder: string;
let file: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'read-history-'));
  mkdirSync(join(folder, partsFolder));
  writeFileSync(join(folder, partsFolder, 'all.ndjson'), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  file = await mergeParts(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function read(reading: Reading): Promise<HistoryEvent[]> {
  const found: HistoryEvent[] = [];
  for await (const piece of readHistoryInPieces(file, reading)) found.push(...piece);
  return found;
}

test.each([[['scenario', 'block.cut']], [['edge']], [['lateness']], [[]]] as const)(
  'gives the events of the types that are asked for, %s, and verifies the seal of all',
  async (types: readonly HistoryEvent['type'][]) => {
    const only = new Set(types);
    expect(await read({ only })).toEqual(events.filter(({ type }) => only.has(type)));
  },
);

test('what is left out is sealed all the same', async () => {
  const before = readFileSync(file, 'utf8');
  const edge = before.split('\n').find((line) => line.includes('"type":"edge"')) as string;
  const only = new Set(['scenario'] as const);
  writeFileSync(file, before.replace(edge, edge.replace('"status":200', '"status":201')));
  await expect(read({ only })).rejects.toThrow('its lines are not those that were sealed');
  writeFileSync(file, before.replace(`${edge}\n`, ''));
  await expect(read({ only })).rejects.toThrow(HistoryError);
});

test('a seal that somebody else verifies is not asked for', async () => {
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"sha256":"[0-9a-f]+"}\n$/, '"sha256":""}\n'));
  await expect(read({})).rejects.toThrow('was edited');
  expect(await read({ unsealed: true })).toEqual(events);
});
