/** The process that compactors run in. It is told what to compact over IPC, and ends when the harness does. */
import { realClock } from '../clock.ts';
import { beReady } from '../process/child.ts';
import { CompactorHost } from './compactor-host.ts';
import type { FromCompactor, ToCompactor } from './protocol.ts';
import { startAssignedCompactor } from './start-assigned-compactor.ts';

// The harness may be gone when something is told: the channel's end is seen by `beReady`.
const send = (message: FromCompactor) => void process.send?.(message, () => {});

const host = new CompactorHost(send, startAssignedCompactor, realClock);
process.on('message', (message: ToCompactor) => host.handle(message));
beReady<FromCompactor>({ type: 'ready' }, () => host.closeHistories());
