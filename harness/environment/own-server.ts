/**
 * A MinIO of one lease alone, for the faults of the server itself. What is asked of it is done one after another, and refused with
 * the reason when it cannot be, so that two faults never meet in the middle.
 */
import { realClock } from '../clock.ts';
import { domainOf } from '../dns/protocol.ts';
import type { DataDisk } from './data-disk.ts';
import { type Credentials, EnvironmentError, type OwnServer } from './environment.ts';
import { askMinio, askMinioToWrite, askThrottledMinio, minioCommand, newCredentials } from './minio-program.ts';
import type { RunningProgram } from './running-program.ts';
import { type HeldPort, holdServerPort } from './server-port.ts';
import { answerOrEnd, startAnswering } from './start-answering.ts';

/**
 * MinIO asks for the room on its disk when it last did a second ago or more, and judges writes by that in between (cmd/xl-storage.go,
 * `diskInfoCache`).
 */
const ROOM_KNOWN_MS = 1050;

export interface OwnServerParts {
  /** The lease's, for messages. */
  name: string;
  /** Ours from here on: closed with the server, and when it cannot be started. */
  disk: DataDisk;
  /** What to do when it does not come up. */
  remedy: string;
  /** Called when it was taken down. */
  afterwards(): void;
}

/** @throws EnvironmentError when it does not come up. */
export async function startOwnServer(parts: OwnServerParts): Promise<OwnServer> {
  const { name, disk, remedy } = parts;
  const credentials = newCredentials();
  let held: HeldPort | undefined;
  try {
    const { program } = await startAnswering({
      title: `MinIO of lease ${name}`,
      pickPort: async () => {
        held?.release();
        held = await holdServerPort();
        return held.port;
      },
      ask: (port) => askMinio(port, credentials),
      launch: (port) =>
        disk.launch(minioCommand({ port, dataFolder: disk.folder, credentials, domain: domainOf(name) })),
      remedy,
    });
    return new LeaseServer(parts, held as unknown as HeldPort, credentials, program);
  } catch (error) {
    held?.release();
    // The first error is the one to tell.
    await disk.close().catch(() => {});
    throw error;
  }
}

type State = 'running' | 'paused' | 'ended' | 'dead' | 'taken down';

class LeaseServer implements OwnServer {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly died: Promise<string>;
  readonly disk: OwnServer['disk'];
  #state: State = 'running';
  #filled = false;
  #settings = false;
  #tellDeath!: (how: string) => void;
  #before: Promise<unknown> = Promise.resolve();
  #takenDown: Promise<void> | undefined;
  #program: RunningProgram;

  constructor(
    private readonly parts: OwnServerParts,
    private readonly held: HeldPort,
    readonly credentials: Credentials,
    program: RunningProgram,
  ) {
    const { space } = parts.disk;
    this.port = held.port;
    this.disk = space.limited ? { limited: true, bytes: space.bytes } : space;
    this.died = new Promise((resolve) => {
      this.#tellDeath = resolve;
    });
    this.#program = program;
    this.#watch(program);
  }

  pause(): Promise<void> {
    return this.#inTurn('be paused', ['running'], async () => {
      await this.#program.pause();
      this.#state = 'paused';
    });
  }

  resume(): Promise<void> {
    return this.#inTurn('be resumed', ['paused'], async () => {
      await this.#program.resume();
      this.#state = 'running';
      await this.#until('answers', () => askMinio(this.port, this.credentials));
    });
  }

  end(how: 'kill' | 'stop'): Promise<void> {
    return this.#inTurn('be ended', ['running'], async () => {
      this.#state = 'ended';
      await (how === 'kill' ? this.#program.kill() : this.#program.stop());
    });
  }

  start(environment?: Record<string, string>): Promise<void> {
    return this.#inTurn('be started', ['ended'], async () => {
      const { port, credentials } = this;
      const { name, disk, remedy } = this.parts;
      const command = minioCommand({ port, dataFolder: disk.folder, credentials, domain: domainOf(name) });
      const { program } = await startAnswering({
        title: `MinIO of lease ${name}`,
        pickPort: async () => port,
        ask: () => (environment ? askThrottledMinio(port) : askMinio(port, credentials)),
        launch: () => disk.launch({ ...command, env: { ...command.env, ...environment } }),
        remedy,
        portRemedy: `end what has taken port ${port} while the server was down, and run it again`,
      });
      this.#program = program;
      this.#settings = environment !== undefined;
      this.#state = 'running';
      this.#watch(program);
    });
  }

  fill(free: number): Promise<void> {
    return this.#inTurn('have its disk filled', ['running', 'paused', 'ended'], async () => {
      const { space } = this.parts.disk;
      if (!space.limited) throw new EnvironmentError(`${space.problem}: ${space.remedy}`, space.remedy);
      await space.fill(free);
      this.#filled = true;
    });
  }

  empty(): Promise<void> {
    return this.#inTurn('have its disk emptied', ['running', 'paused', 'ended'], async () => {
      const { space } = this.parts.disk;
      if (!space.limited || !this.#filled) throw new Error('it was not filled');
      await space.empty();
      this.#filled = false;
      if (this.#state !== 'running') return;
      await realClock.sleep(ROOM_KNOWN_MS);
      await this.#until('takes writes', () => askMinioToWrite(this.port, this.credentials));
    });
  }

  async revive(): Promise<void> {
    if (this.#state === 'paused') await this.resume();
    if (this.#state === 'ended') await this.start();
  }

  inForce(): readonly string[] {
    return [
      ...(this.#state === 'paused' ? ['paused'] : []),
      ...(this.#state === 'ended' || this.#state === 'dead' ? ['ended'] : []),
      ...(this.#filled ? ['filled'] : []),
      ...(this.#settings ? ['settings'] : []),
    ];
  }

  [Symbol.asyncDispose](): Promise<void> {
    const takeDown = async () => {
      this.#state = 'taken down';
      await this.#program.kill();
      await this.parts.disk.close();
      this.held.release();
      this.parts.afterwards();
    };
    this.#takenDown ??= this.#before.then(takeDown, takeDown);
    return this.#takenDown;
  }

  /** What ends without having been asked to, in whatever state but these, has died. */
  #watch(program: RunningProgram): void {
    program.ended.then((how) => {
      if (this.#program !== program || this.#state === 'ended' || this.#state === 'taken down') return;
      this.#state = 'dead';
      const said = program.output();
      this.#tellDeath(`MinIO of lease ${this.parts.name} ${how}${said && `: ${said}`}`);
    });
  }

  #inTurn(what: string, states: readonly State[], work: () => Promise<void>): Promise<void> {
    const turn = this.#before.then(async () => {
      try {
        if (this.#takenDown) throw new Error('it is being taken down');
        if (!states.includes(this.#state)) throw new Error(`it is ${this.#state}`);
        await work();
      } catch (error) {
        throw new Error(`MinIO of lease ${this.parts.name} cannot ${what}: ${(error as Error).message}`, {
          cause: error,
        });
      }
    });
    this.#before = turn.catch(() => {});
    return turn;
  }

  async #until(what: string, ask: () => Promise<void>): Promise<void> {
    const outcome = await answerOrEnd(this.#program, this.port, { ask });
    if (outcome !== 'answers') throw new Error(`it was to be seen that it ${what}, and it ${outcome}`);
  }
}
