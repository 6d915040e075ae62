import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { realClock } from '../clock.ts';
import type { Mutant } from './mutant.ts';
import { tryOut } from './trial.ts';

test('a build is run once: that it proves nothing may be what catches the mutant', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'trial-'));
  try {
    mkdirSync(join(folder, 'bin'));
    // In the place of the tool: its result is what it was asked.
    const tool = "process.stdout.write(JSON.stringify({ scenarios: [require('node:process').argv.slice(2)] }));";
    writeFileSync(join(folder, 'bin', 'tempo-s3-chaos.js'), tool);
    const mutant = { scenario: 'healthy', client: 'minio', set: ['a=1'] } as Partial<Mutant> as Mutant;
    const trial = await tryOut(mutant, folder, realClock, new AbortController().signal);
    const asked = 'run healthy --client minio --json --out results --again 0 --set a=1';
    expect(trial).toEqual({ result: asked.split(' ') });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
