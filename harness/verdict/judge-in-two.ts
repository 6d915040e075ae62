/**
 * Judges a history of very many events in two threads (docs/decisions/111-judging-in-two-threads.md):
 *
 * 1. A thread (judge-thread.ts) reads the file, verifies the seal, and finds the second share of the judgement (second-share.ts).
 * 2. This one reads the file too, checks every line, and finds all the rest.
 * 3. The judgement is the one that a single thread finds, to the byte.
 *
 * Who was given half of a history, or none, is not told here with the words that fit: that is left to who judges it in one thread.
 */
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { HistoryEvent } from '../history/events.ts';
import { packageRoot } from '../process/child.ts';
import { type Judgement, type JudgeOptions, judgeFirstShare } from './judge.ts';
import type { SecondShareResults } from './second-share.ts';

/** Bytes of a history from which on the second thread saves more than it costs: some 170 000 events, which take one thread a second. */
const WORTH_A_THREAD = 64 * 1024 * 1024;

export interface JudgeThreadData {
  file: string;
}

/** Whether two threads judge this file sooner than one. */
export async function isWorthTwo(file: string): Promise<boolean> {
  if (availableParallelism() < 2) return false;
  // What is wrong with a file that is not there is told by who reads it.
  return stat(file).then(
    ({ size }) => size >= WORTH_A_THREAD,
    () => false,
  );
}

/**
 * `read`: the events of the file, every one of them; the seal need not be verified.
 * @throws Error when anything is wrong with the history, or it was changed meanwhile.
 */
export async function judgeInTwo(
  file: string,
  read: AsyncIterable<readonly HistoryEvent[]>,
  options: JudgeOptions,
): Promise<Judgement> {
  const before = await stateOf(file);
  const workerData: JudgeThreadData = { file };
  const thread = new Worker(join(packageRoot, 'dist', 'judge-thread.js'), {
    workerData,
    execArgv: [],
    name: `second share of judging ${file}`,
  });
  let failed = false;
  const second = resultsOf(thread);
  second.catch(() => {
    failed = true;
  });
  async function* untilFailed() {
    for await (const events of read) {
      if (failed) break;
      yield events;
    }
  }
  try {
    const judgement = await judgeFirstShare(untilFailed(), second, options);
    if ((await stateOf(file)) === before) return judgement;
    throw new Error(`judge: ${file} was changed while it was judged`);
  } finally {
    await thread.terminate();
  }
}

/** @throws Error the thread's, or that it ended without a word. */
function resultsOf(thread: Worker): Promise<SecondShareResults> {
  return new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.on('error', reject);
    thread.once('exit', (code) => reject(new Error(`judge: the second thread ended (${code}) before it was done`)));
  });
}

/** Another one when the file was written to. */
async function stateOf(file: string): Promise<string> {
  const { ino, size, mtimeNs } = await stat(file, { bigint: true });
  return `${ino} ${size} ${mtimeNs}`;
}
