/** A program of the environment as a process of this machine. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { realClock } from '../clock.ts';
import type { Register } from './register.ts';
import { LastLines, type RunningProgram } from './running-program.ts';

/** MinIO waits this long for requests that are under way, then ends. */
const PATIENCE_MS = 3000;

export interface Invocation {
  name: string;
  file: string;
  args: string[];
  env: Record<string, string>;
  /** The folder that it runs in. */
  folder: string;
  /** Its standard input is open for as long as this process runs: what reads it ends with us, even when we are killed. */
  input?: 'open';
}

export interface RunningProcess extends RunningProgram {
  /** Absent when it could not be started. */
  readonly pid: number | undefined;
}

/** Starts the program and enters it in the register. That it runs does not mean that it answers. */
export function startProcess(invocation: Invocation, register: Register, patienceMs = PATIENCE_MS): RunningProcess {
  const child = spawn(invocation.file, invocation.args, {
    cwd: invocation.folder,
    env: invocation.env,
    stdio: [invocation.input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    // Ctrl-C goes to the whole group of a terminal: the harness takes its programs down itself, in order.
    detached: true,
  }) as ChildProcessByStdio<Writable | null, Readable, Readable>;
  // One does not push out the other: which of them tells the reason depends on the program.
  const [output, errors] = [new LastLines(), new LastLines()];
  child.stdout.setEncoding('utf8').on('data', (text: string) => output.add(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.add(text));
  let running = true;
  const ended = new Promise<string>((resolve) => {
    // `close`, not `exit`: by then its last words have been read.
    child.once('close', (code, signal) => resolve(signal ? `ended by ${signal}` : `ended with code ${code}`));
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
  }).then((how) => {
    running = false;
    if (child.pid !== undefined) register.leaveProcess(child.pid);
    return how;
  });
  if (child.pid !== undefined) {
    try {
      register.enterProcess(child.pid, invocation.name);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }
  const signal = async (name: NodeJS.Signals) => {
    if (!child.kill(name)) throw new Error(`${invocation.name} cannot be sent ${name}: it has ended`);
  };
  return {
    pid: child.pid,
    ended,
    output: () => `${output.text}\n${errors.text}`.trim(),
    async stop() {
      if (!running) return;
      child.kill('SIGTERM');
      const cancel = realClock.after(patienceMs, () => child.kill('SIGKILL'));
      await ended;
      cancel();
    },
    async kill() {
      if (running) child.kill('SIGKILL');
      await ended;
    },
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
  };
}
