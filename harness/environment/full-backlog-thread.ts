/** The thread of a full backlog (full-backlog.ts): it listens, says so, and from then on its event loop does not turn again. */
import { createServer } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import type { FullBacklogAddress } from './full-backlog.ts';

const { host, port } = workerData as FullBacklogAddress;
createServer().listen({ host, port, backlog: 1 }, () => {
  parentPort?.postMessage('listening');
  // Nobody wakes it: only its end does.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
