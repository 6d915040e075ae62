/** The thread of judge-in-two.ts: finds the second share of a history's judgement, whose file it is given, and verifies the seal. */
import { parentPort, workerData } from 'node:worker_threads';
import { readHistoryInPieces } from '../history/read-history.ts';
import { contextOf } from './expectations-of.ts';
import type { JudgeThreadData } from './judge-in-two.ts';
import { SecondShare, secondShareReads } from './second-share.ts';
import { showHistory } from './show-history.ts';

const { file } = workerData as JudgeThreadData;
const pieces = readHistoryInPieces(file, { only: secondShareReads });
const share = await showHistory(pieces, (scenario) => new SecondShare(contextOf(scenario)));
parentPort?.postMessage(share.results());
