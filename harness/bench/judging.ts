/** `npm run bench -- judging`: how long a history of a million events takes to be judged, from its file. */
import { execFile } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { realClock } from '../clock.ts';
import { mergeParts, partsFolder } from '../history/merge.ts';
import { packageRoot } from '../process/child.ts';
import type { Judged } from './judging/main.ts';
import { syntheticRun } from './judging/synthetic-run.ts';
import type { Measurement } from './measurement.ts';

const EVENTS = 1_000_000;
const SEED = 42;
const MOST_SECONDS = 5;
const MOST_MEBIBYTES = 512;
/** The quickest is told: what was slower was held up by something else on the machine. */
const ROUNDS = 3;

export async function benchJudging(): Promise<Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-judging-'));
  try {
    await writeParts(folder);
    const began = realClock.now();
    const file = await mergeParts(folder);
    const merged = (realClock.now() - began) / 1000;
    const parsed = await quickest(file, 'parse');
    const judged = await quickest(file);
    if (judged.verdict !== 'pass') {
      throw new Error(`bench: the synthetic run is to pass, and is ${judged.verdict}: ${judged.explanation}`);
    }
    const { size } = await stat(file);
    const rate = (events: number, seconds: number) => `${Math.round(events / seconds / 1000)} 000/s`;
    return [
      { what: 'events, and bytes of the history', value: `${judged.events}, ${Math.round(size / 1e6)} MB` },
      { what: 'to merge its parts, and seal it', value: `${merged.toFixed(1)} s` },
      { what: 'to read it and parse its lines alone', value: `${parsed.seconds.toFixed(2)} s` },
      {
        what: 'to judge it, from its file',
        value: `${judged.seconds.toFixed(2)} s`,
        ratio: judged.seconds / parsed.seconds,
        goal: `<= ${MOST_SECONDS} s`,
        met: judged.seconds <= MOST_SECONDS,
      },
      { what: 'of that, CPU', value: `${judged.cpuSeconds.toFixed(2)} s` },
      { what: 'events', value: rate(judged.events, judged.seconds) },
      {
        what: 'memory, at most',
        value: `${Math.round(judged.mebibytes)} MiB`,
        goal: `<= ${MOST_MEBIBYTES} MiB`,
        met: judged.mebibytes <= MOST_MEBIBYTES,
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the processes of a run of so many events would have left behind. */
async function writeParts(folder: string): Promise<void> {
  const parts = join(folder, partsFolder);
  await mkdir(parts);
  const files = new Map<string, WriteStream>();
  for (const round of syntheticRun(EVENTS, SEED)) {
    for (const [part, events] of round) {
      const file = files.get(part) ?? createWriteStream(join(parts, `${part}.ndjson`));
      files.set(part, file);
      const text = events.map((event) => `${JSON.stringify(event, inNanoseconds)}\n`).join('');
      await new Promise((resolve) => file.write(text, resolve));
    }
  }
  await Promise.all([...files.values()].map((file) => new Promise((resolve) => file.end(resolve))));
}

/** As a recorder's clock counts. */
function inNanoseconds(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1e6) / 1e6 : value;
}

async function quickest(file: string, ...mode: string[]): Promise<Judged> {
  const rounds: Judged[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(packageRoot, 'dist', 'judging.js'),
      file,
      ...mode,
    ]);
    rounds.push(JSON.parse(stdout) as Judged);
  }
  const [first] = rounds.sort((a, b) => a.seconds - b.seconds);
  return { ...(first as Judged), mebibytes: Math.max(...rounds.map(({ mebibytes }) => mebibytes)) };
}
