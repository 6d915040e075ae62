/** The process that the background load runs in. It is told what to send over IPC, and ends when the harness does. */
import { realClock } from '../clock.ts';
import { beReady } from '../process/child.ts';
import { BackgroundHost } from './background-host.ts';
import type { FromBackground, ToBackground } from './protocol.ts';

// The harness may be gone when something is told: the channel's end is seen by `beReady`.
const send = (message: FromBackground) => void process.send?.(message, () => {});

const host = new BackgroundHost(send, realClock);
process.on('message', (message: ToBackground) => host.handle(message));
beReady<FromBackground>({ type: 'ready' }, () => host.closeHistory());
