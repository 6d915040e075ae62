/** A running program of conformance/minio-go: what it is told and what it tells are lines of JSON, which belong together by their `id`. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Credentials } from '../environment/environment.ts';
import type { Register } from '../environment/register.ts';

export interface GoClientOptions {
  name: string;
  /** The program. */
  file: string;
  args: readonly string[];
  credentials: Credentials;
  register: Register;
}

interface Waiting<Told> {
  resolve(told: Told): void;
  reject(error: Error): void;
}

export class GoClient<Told extends { id: string }> implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #waiting = new Map<string, Waiting<Told>>();
  readonly #ended: Promise<void>;
  #failure: Error | undefined;
  #said = '';

  private constructor({ name, file, args, credentials, register }: GoClientOptions) {
    const child = spawn(file, args, {
      // Nothing else of the environment: Go would take a proxy from it.
      env: { ACCESS_KEY: credentials.accessKeyId, SECRET_KEY: credentials.secretAccessKey },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-4000);
    });
    // It is gone: `close` tells.
    child.stdin.on('error', () => {});
    createInterface({ input: child.stdout }).on('line', (line) => {
      const told = JSON.parse(line) as Told;
      this.#waiting.get(told.id)?.resolve(told);
      this.#waiting.delete(told.id);
    });
    this.#ended = new Promise((resolve) => {
      const over = (how: string) => {
        this.#failure ??= new Error(`${name} ended (${how}): ${this.#said.trim() || 'without a word'}`);
        for (const { reject } of this.#waiting.values()) reject(this.#failure);
        this.#waiting.clear();
        if (child.pid !== undefined) register.leaveProcess(child.pid);
        resolve();
      };
      child.once('error', (error) => over(error.message));
      child.once('close', (code, signal) => over(`${signal ?? `exit code ${code}`}`));
    });
  }

  static async start<Told extends { id: string }>(options: GoClientOptions): Promise<GoClient<Told>> {
    const client = new GoClient<Told>(options);
    const { pid } = client.#child;
    try {
      if (pid !== undefined) options.register.enterProcess(pid, options.name);
      return client;
    } catch (error) {
      await client[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** @throws Error when the program has ended, with what it said last. */
  ask<Job extends { id: string }>(job: Job): Promise<Told> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.set(job.id, { resolve, reject });
      this.#child.stdin.write(`${JSON.stringify(job)}\n`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
