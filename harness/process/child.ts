/**
 * A process of the harness (gateway, DNS server, subject, background load): started from its bundle in dist/, connected by Node's IPC, and gone
 * when its parent is gone.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cancel, Clock } from '../clock.ts';

/** The folder with package.json: of the clone, or of the installed package. */
export const packageRoot = (() => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
})();

export class HarnessProcess<In, Out> implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #stderr: string[] = [];
  /** Resolves, with the reason, when the process has ended: whether it was asked to or not. */
  readonly exited: Promise<{ code: number | null; signal: string | null }>;

  private constructor(
    readonly name: string,
    child: ChildProcess,
  ) {
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr.push(text);
      if (this.#stderr.length > 50) this.#stderr.shift();
    });
    this.exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  }

  /**
   * Starts dist/`name`.js and waits for its first message, which it sends once it is ready.
   * @throws Error with what it wrote to standard error, when it ends before that.
   */
  static async start<In, Out>(
    name: 'gateway' | 'dns' | 'subject' | 'background' | 'compactor',
    environment: Record<string, string> = {},
  ): Promise<{ process: HarnessProcess<In, Out>; ready: Out }> {
    const child = fork(join(packageRoot, 'dist', `${name}.js`), [], {
      env: { ...process.env, NODE_OPTIONS: '', ...environment },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // Ctrl-C goes to the whole group of a terminal: the harness takes its processes down itself, in order.
      detached: true,
    });
    const harnessProcess = new HarnessProcess<In, Out>(name, child);
    const ready = await Promise.race([
      once(child, 'message').then(([message]) => message as Out),
      harnessProcess.exited.then(({ code, signal }) => {
        throw new Error(`${name} process ended before it was ready (${signal ?? code}): ${harnessProcess.stderr}`);
      }),
    ]);
    return { process: harnessProcess, ready };
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** The last lines that the process wrote to standard error. */
  get stderr(): string {
    return this.#stderr.join('').trim();
  }

  send(message: In): void {
    // A process that has just ended is seen by `exited`, not here.
    if (this.#child.connected) this.#child.send(message as object, () => {});
  }

  onMessage(listener: (message: Out) => void): () => void {
    const wrapped = (message: unknown) => listener(message as Out);
    // One for each writer in the process: a hundred are no leak.
    this.#child.setMaxListeners(0);
    this.#child.on('message', wrapped);
    return () => this.#child.off('message', wrapped);
  }

  /** Sends an order, and waits `patience` milliseconds for a message that `answers` it. `ended`: the process did, before any came. */
  async ask(
    order: In,
    answers: (message: Out) => boolean,
    patience: number,
    clock: Clock,
  ): Promise<'answered' | 'ended' | 'late'> {
    let unsubscribe = () => {};
    let giveUp: Cancel = () => {};
    const answer = new Promise<'answered' | 'ended' | 'late'>((resolve) => {
      unsubscribe = this.onMessage((message) => {
        if (answers(message)) resolve('answered');
      });
      this.exited.then(() => resolve('ended'));
      giveUp = clock.after(patience, () => resolve('late'));
      this.send(order);
    });
    return answer.finally(() => {
      unsubscribe();
      giveUp();
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends the process: asks by closing the channel, and kills it if it is still there `patienceMs` later. */
  async stop(patienceMs = 2000): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs);
    await this.exited;
    clearTimeout(timer);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/**
 * For the other side: tells the parent that this process is ready, and ends it when the parent goes away.
 * `onEnd` is for what must still be written; it has to be quick.
 */
export function beReady<Ready>(ready: Ready, onEnd: () => void | Promise<void> = () => {}): void {
  process.once('disconnect', async () => {
    await onEnd();
    process.exit(0);
  });
  process.send?.(ready as object);
}
