/** The process that block writers run in. It is told what to write over IPC, and ends when the harness does. */
import { realClock } from '../clock.ts';
import { beReady } from '../process/child.ts';
import type { FromSubject, ToSubject } from './protocol.ts';
import { startAssignedWriter } from './start-assigned-writer.ts';
import { SubjectHost } from './subject-host.ts';

// The harness may be gone when something is told: the channel's end is seen by `beReady`.
const send = (message: FromSubject) => void process.send?.(message, () => {});

const host = new SubjectHost(send, startAssignedWriter, realClock);
process.on('message', (message: ToSubject) => host.handle(message));
beReady<FromSubject>({ type: 'ready' }, () => host.closeHistories());
