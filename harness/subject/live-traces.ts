/**
 * What a killed process had in memory alone: data that it had acknowledged, and that is in no page of the WAL yet. Tempo promises nothing
 * about it; how much it was is told all the same.
 *
 * 1. The part of the history that the process wrote has all that it had recorded: each event is in the file before the writer goes on. Its
 *    last line may be half a line.
 * 2. Of these events the checkers' ledger says what is live: acknowledged, and in no page that was closed or could not be written.
 * 3. A page that was closed in the moment of the kill, and not told of, is on the disk all the same: so what is counted is an upper bound,
 *    which the ledger makes exact once it has seen the whole run.
 */
import { readFile } from 'node:fs/promises';
import { DataLedger } from '../checkers/data-ledger.ts';
import type { HistoryEvent } from '../history/events.ts';

/** Bytes. `historyFile`: of one writer in one process. A process that had not begun to write one lost nothing. */
export async function liveTracesLost(historyFile: string): Promise<number> {
  const ledger = new DataLedger();
  for (const event of wholeLines(await readFile(historyFile, 'utf8').catch(nothingIfMissing))) ledger.see(event);
  return ledger.total().live;
}

function* wholeLines(text: string): Generator<HistoryEvent> {
  const lines = text.split('\n');
  // What follows the last line break was not written whole.
  for (const line of lines.slice(0, -1)) if (line !== '') yield JSON.parse(line) as HistoryEvent;
}

function nothingIfMissing(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw error;
}
