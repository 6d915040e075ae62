/**
 * Starts a program on a free port and waits until it answers there.
 *
 * 1. Take a port that is free now.
 * 2. Launch, and ask until it is ready, the program has ended, or patience has.
 * 3. When someone else took the port in between, begin again with another. What answers there is not ours: MinIO ends
 *    then, but Toxiproxy only says so in its log, and runs on.
 */
import { createServer } from 'node:net';
import { realClock } from '../clock.ts';
import { EnvironmentError } from './environment.ts';
import type { RunningProgram } from './running-program.ts';
import { within } from './within.ts';

const PATIENCE_MS = 30_000;
const POLL_MS = 25;
const ASK_PATIENCE_MS = 2000;
const PORTS_TRIED = 5;
const PORT_REMEDY = 'ports are taken faster than they can be used: end what opens so many, and try again';

export interface Answering {
  program: RunningProgram;
  port: number;
}

export interface Launch {
  /** The program's name, for messages. */
  title: string;
  /** Resolves once the program on this port answers as it should; rejects, with the reason, while it does not. */
  ask(port: number): Promise<void>;
  launch(port: number): Promise<RunningProgram>;
  /** What to do when it does not come up. */
  remedy: string;
  /** What to do when its port is taken, and so are the next ones that are picked. */
  portRemedy?: string;
  pickPort?: () => Promise<number>;
  patienceMs?: number;
  askPatienceMs?: number;
}

/** @throws EnvironmentError when it ends, or does not answer in time. Then nothing of it is left running. */
export async function startAnswering(launch: Launch): Promise<Answering> {
  for (let attempt = 1; ; attempt++) {
    const port = await (launch.pickPort ?? freePort)();
    const program = await launch.launch(port);
    const outcome = await answerOrEnd(program, port, launch);
    if (outcome === 'answers') return { program, port };
    await program.stop();
    const portTaken = saysPortTaken(program);
    if (portTaken && attempt < PORTS_TRIED) continue;
    throw new EnvironmentError(
      `${launch.title} on 127.0.0.1:${port} ${outcome}: ${program.output() || 'it said nothing'}`,
      portTaken ? (launch.portRemedy ?? PORT_REMEDY) : launch.remedy,
    );
  }
}

/** Whether the program found its port in use. */
export function saysPortTaken(program: RunningProgram): boolean {
  return /address already in use|port is already in use/i.test(program.output());
}

/** `answers`, or why it does not: it has ended, or patience has. */
export async function answerOrEnd(
  program: RunningProgram,
  port: number,
  launch: Pick<Launch, 'ask' | 'patienceMs' | 'askPatienceMs'>,
): Promise<string> {
  const patienceMs = launch.patienceMs ?? PATIENCE_MS;
  const deadline = realClock.now() + patienceMs;
  let end: string | undefined;
  program.ended.then((how) => {
    end = how;
  });
  for (;;) {
    const answer = launch.ask(port).then(
      () => undefined,
      (error: Error) => error.message,
    );
    const patient = within(launch.askPatienceMs ?? ASK_PATIENCE_MS, answer, 'it accepts, and does not answer');
    const refusal = await Promise.race([patient, program.ended]);
    // These two first: what answers may be whoever has the port.
    if (end !== undefined) return end;
    if (saysPortTaken(program)) return 'cannot listen';
    if (refusal === undefined) return 'answers';
    if (realClock.now() >= deadline) return `was not ready within ${patienceMs / 1000} s (${refusal})`;
    await Promise.race([realClock.sleep(POLL_MS), program.ended]);
  }
}

/** A port of 127.0.0.1 on which nothing listens, at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
