/** How long a user waits: from start to the first verdict, and to the end of a run of all scenarios with both clients. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { realClock } from '../clock.ts';
import { environmentKinds } from '../environment/auto.ts';
import { packageRoot } from '../process/child.ts';
import type { Measurement } from './measurement.ts';

/** Seconds, with the programs built, on 2 cores. */
const goals = { native: { firstVerdict: 5, total: 60 }, docker: { firstVerdict: 10, total: undefined } };

/** What the line of a finished scenario begins with (report/progress-lines.ts). */
const finished = /^(pass|fail|inconclusive)\b/;

/** Measures each environment that works here; one that does not is named, with its reason. @throws Error when a run gave no verdict. */
export async function benchStart(): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const kind of environmentKinds) {
    const diagnosis = await kind.diagnose();
    if (!diagnosis.works) {
      measurements.push({ what: `${kind.name}: not measured, ${diagnosis.problem}`, value: '-' });
      continue;
    }
    const { firstVerdict, total, code } = await timedRun(kind.name);
    const goal = goals[kind.name];
    measurements.push(
      measured(`${kind.name}: from start to the first verdict`, firstVerdict, goal.firstVerdict),
      // A run that was not as expected took its time for nothing.
      measured(
        `${kind.name}: to the end, all scenarios, both clients (exit code ${code})`,
        total,
        goal.total,
        code === 0,
      ),
    );
  }
  return measurements;
}

async function timedRun(environment: string): Promise<{ firstVerdict: number; total: number; code: number | null }> {
  const out = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-bench-'));
  try {
    const start = realClock.now();
    const child = spawn(
      process.execPath,
      [
        join(packageRoot, 'bin', 'tempo-s3-chaos.js'),
        'run',
        '--environment',
        environment,
        '--out',
        out,
        '--again',
        '0',
      ],
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
    if (firstVerdict === undefined) {
      throw new Error(`bench: the run ended with ${code} and gave no verdict: ${said.join('\n')}`);
    }
    return { firstVerdict, total: seconds(), code };
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

function measured(what: string, value: number, goal: number | undefined, asExpected = true): Measurement {
  const figure = { what, value: `${value.toFixed(1)} s` };
  if (goal === undefined) return asExpected ? figure : { ...figure, met: false };
  return { ...figure, goal: `<= ${goal} s`, met: asExpected && value <= goal };
}
