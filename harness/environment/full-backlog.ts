/**
 * An address where connects hang: the system answers no SYN, as in front of a host that is gone or behind a firewall that drops.
 *
 * 1. A thread listens with a backlog of 1 and then stands still, so that nobody ever accepts (full-backlog-thread.ts).
 * 2. Connections fill its queue, one after the other: Linux takes one more than the backlog. Two made at once could both come to
 *    think that they are connected.
 * 3. The first that does not come about within 100 ms shows that it is full.
 *
 * A thread, not a process: it ends with the harness, whatever ends that, and a listener that no process has is gone. Once it is
 * ended, the system refuses the connects that still wait when they are tried again (Linux: 1, 3, 7, ... s after they began).
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { packageRoot } from '../process/child.ts';
import { within } from './within.ts';

/** Told to the thread. */
export interface FullBacklogAddress {
  host: string;
  port: number;
}

/** A connect on loopback takes a small part of a millisecond; one that has not ended after this hangs. */
export const HANGS_AFTER_MS = 100;
/** Linux needs two. More would mean that the backlog is not heeded. */
const MOST_FILLERS = 16;

/** @throws Error (EADDRINUSE, EADDRNOTAVAIL) when nobody can listen there, or when connects do not hang. */
export async function openFullBacklog(host: string, port: number): Promise<{ close(): Promise<void> }> {
  const address: FullBacklogAddress = { host, port };
  const thread = new Worker(join(packageRoot, 'dist', 'full-backlog.js'), {
    workerData: address,
    execArgv: [],
    name: `full backlog of ${host}:${port}`,
  });
  // It is no reason for the process to go on.
  thread.unref();
  const fillers: Socket[] = [];
  const close = async () => {
    // Those that wait in the queue are reset with it; that is no error of anybody's.
    await thread.terminate();
    for (const filler of fillers) filler.destroy();
  };
  try {
    // An error of the listener ends the thread, and is its error.
    await once(thread, 'message');
    thread.on('error', () => {});
    while (fillers.length < MOST_FILLERS) {
      const filler = connect({ host, port });
      filler.on('error', () => {}).unref();
      fillers.push(filler);
      const connected = once(filler, 'connect').then(() => true);
      if (!(await within(HANGS_AFTER_MS, connected, false))) return { close };
    }
    throw new Error(
      `${MOST_FILLERS} connections to ${host}:${port} came about, where the backlog of 1 should have made them hang`,
    );
  } catch (error) {
    await close();
    throw error;
  }
}
