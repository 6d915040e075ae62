/** How long a user waits: from start to the first verdict, and to the end of a run of all scenarios with both clients. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { realClock } from '../clock.ts';
import { packageRoot } from '../process/child.ts';
import type { Measurement } from './measurement.ts';

/** Seconds, native, with the programs built, on 2 cores. */
const goals = { firstVerdict: 5, total: 60 };

/** What the line of a finished scenario begins with (report/progress-lines.ts). */
const finished = /^(pass|fail|inconclusive)\b/;

/** @throws Error when the run could not run, with what it said. */
export async function benchStart(): Promise<Measurement[]> {
  const out = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-bench-'));
  try {
    const start = realClock.now();
    const child = spawn(
      process.execPath,
      [join(packageRoot, 'bin', 'tempo-s3-chaos.js'), 'run', '--environment', 'native', '--out', out],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const exited = once(child, 'exit');
    const seconds = () => (realClock.now() - start) / 1000;
    let firstVerdict: number | undefined;
    const said: string[] = [];
    for await (const line of createInterface({ input: child.stderr })) {
      said.push(line);
      if (finished.test(line)) firstVerdict ??= seconds();
    }
    const [code] = await exited;
    const total = seconds();
    if (firstVerdict === undefined)
      throw new Error(`bench: the run ended with ${code} and gave no verdict: ${said.join('\n')}`);
    return [
      measured('from start to the first verdict', firstVerdict, goals.firstVerdict),
      measured(`from start to the end, all scenarios, both clients (exit code ${code})`, total, goals.total),
    ];
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

function measured(what: string, value: number, goal: number): Measurement {
  return { what, value: `${value.toFixed(1)} s`, goal: `<= ${goal} s`, met: value <= goal };
}
