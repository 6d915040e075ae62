/** A process of Node's own, run to its end within a time: the build of a mutant, and its run. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock } from '../clock.ts';

/** What the tool takes to end its MinIO, its Toxiproxy and its own processes, when it is told to: 2 s, and on a busy machine several times that. */
const GRACE_MS = 20_000;

export interface ToolEnd {
  /** `null`: it was ended by a signal. */
  code: number | null;
  stdout: string;
  stderr: string;
  /** It did not end by itself in time, and was ended. */
  hung: boolean;
}

/**
 * Runs `node` with these arguments in `folder`, for `patienceMs` at most: then, and when `signal` is aborted, it is interrupted, and
 * killed with all of its group if it does not end on that either. Ends with this process, too.
 * @throws the signal's reason, once it has ended.
 */
export async function runTool(
  args: readonly string[],
  { folder, patienceMs, clock, signal }: { folder: string; patienceMs: number; clock: Clock; signal: AbortSignal },
): Promise<ToolEnd> {
  signal.throwIfAborted();
  // A group of its own: Ctrl-C of the terminal goes to this process alone, which interrupts each once.
  const child = spawn(process.execPath, [...args], { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const kill = (name: NodeJS.Signals) => signalGroup(child, name);
  let cancelKill = () => {};
  const interrupt = () => {
    child.kill('SIGINT');
    cancelKill = clock.after(GRACE_MS, () => kill('SIGKILL'));
  };
  let hung = false;
  const cancelPatience = clock.after(patienceMs, () => {
    hung = true;
    interrupt();
  });
  const onExit = () => void child.kill('SIGINT');
  process.once('exit', onExit);
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    signal.throwIfAborted();
    return { code, ...output, hung };
  } finally {
    cancelPatience();
    cancelKill();
    process.off('exit', onExit);
    signal.removeEventListener('abort', interrupt);
  }
}

function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // All of it has ended.
  }
}
