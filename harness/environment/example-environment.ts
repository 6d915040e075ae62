/** For tests: a run of their own, with its state in a folder of its own, and the programs of this machine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { StartedEnvironment } from './environment.ts';
import { native } from './native.ts';
import { openRegister, type Register } from './register.ts';

export interface ExampleRun {
  /** The folder. */
  state: string;
  register: Register;
  /** Closes the register, and deletes the folder. Every stubbed environment variable is as it was. */
  close(): Promise<void>;
}

export async function exampleRun(): Promise<ExampleRun> {
  const state = mkdtempSync(join(tmpdir(), 'example-run-'));
  vi.stubEnv('TEMPO_S3_CHAOS_STATE', state);
  const register = await openRegister(() => {});
  return {
    state,
    register,
    async close() {
      await register.close();
      vi.unstubAllEnvs();
      rmSync(state, { recursive: true, force: true });
    },
  };
}

/** The environment started in such a run, and what takes both down. */
export async function exampleEnvironment(): Promise<{ environment: StartedEnvironment; close(): Promise<void> }> {
  const run = await exampleRun();
  try {
    const environment = await native.start(() => {}, run.register);
    return {
      environment,
      async close() {
        await environment[Symbol.asyncDispose]();
        await run.close();
      },
    };
  } catch (error) {
    await run.close();
    throw error;
  }
}
