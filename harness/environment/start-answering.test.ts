import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { realClock } from '../clock.ts';
import { EnvironmentError } from './environment.ts';
import type { RunningProgram } from './running-program.ts';
import { freePort, startAnswering } from './start-answering.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A program that is a server in this process. With `words` it has ended at once, unless it `staysUp`. */
class StandIn implements RunningProgram {
  readonly ended: Promise<string>;
  stopped = false;
  #end: (how: string) => void = () => {};

  constructor(
    private readonly words = '',
    staysUp = false,
  ) {
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    if (words && !staysUp) this.#end('ended with code 1');
  }

  output() {
    return this.words;
  }

  async stop() {
    this.stopped = true;
    this.#end('ended by SIGTERM');
  }

  kill = this.stop;
  pause = this.stop;
  resume = this.stop;
}

async function listen(port: number, answer: () => number): Promise<number> {
  const server = createServer((_, response) => response.writeHead(answer()).end());
  servers.push(server);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const basics = {
  title: 'Stand-in',
  remedy: 'the remedy',
  async ask(port: number) {
    const { status } = await fetch(`http://127.0.0.1:${port}/ready`);
    if (status !== 200) throw new Error(`status ${status}`);
  },
};
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => Promise.reject(new Error('it started')),
    (error) => error as EnvironmentError,
  );

test('ready is the first answer that is right, not the first answer', async () => {
  let asked = 0;
  const program = new StandIn();
  const started = await startAnswering({
    ...basics,
    launch: async (port) => {
      await listen(port, () => (++asked < 4 ? 503 : 200));
      return program;
    },
  });
  expect(asked).toBe(4);
  expect(started.program).toBe(program);
  expect(program.stopped).toBe(false);
});

test.each(['bind: address already in use', 'FATAL Specified port is already in use'])(
  'when someone takes the port in between (%s), another is tried',
  async (words) => {
    const ports: number[] = [];
    const { port } = await startAnswering({
      ...basics,
      launch: async (wanted) => {
        ports.push(wanted);
        if (ports.length < 3) return new StandIn(words);
        await listen(wanted, () => 200);
        return new StandIn();
      },
    });
    expect(ports).toHaveLength(3);
    expect(new Set(ports).size).toBe(3);
    expect(port).toBe(ports[2]);
  },
);

test.each([
  ['has ended', false],
  ['runs on without it', true],
])('what answers on the port is not taken for a program that %s', async (_, staysUp) => {
  const taken = await listen(0, () => 200);
  const ports = [taken, await freePort()];
  const loser = new StandIn('bind: address already in use', staysUp);
  const { port } = await startAnswering({
    ...basics,
    pickPort: async () => ports.shift() as number,
    launch: async (wanted) => {
      if (wanted === taken) return loser;
      await listen(wanted, () => 200);
      return new StandIn();
    },
  });
  expect(port).not.toBe(taken);
  expect(loser.stopped).toBe(true);
});

test('a program that finds every port taken is given up', async () => {
  let launched = 0;
  const error = await failureOf(
    startAnswering({
      ...basics,
      launch: async () => {
        launched++;
        return new StandIn('address already in use');
      },
    }),
  );
  expect(launched).toBe(5);
  expect(error).toBeInstanceOf(EnvironmentError);
  expect(error.remedy).toContain('ports');
});

test('a program that ends is not started again, and its last words are told', async () => {
  let launched = 0;
  const error = await failureOf(
    startAnswering({
      ...basics,
      launch: async () => {
        launched++;
        return new StandIn('FATAL disk not found');
      },
    }),
  );
  expect(launched).toBe(1);
  expect(error.message).toMatch(/^Stand-in on 127\.0\.0\.1:\d+ ended with code 1: FATAL disk not found$/);
  expect(error.remedy).toBe('the remedy');
});

test('a program that never answers is ended when patience has', async () => {
  const program = new StandIn();
  const before = realClock.now();
  const error = await failureOf(startAnswering({ ...basics, patienceMs: 200, launch: async () => program }));
  expect(realClock.now() - before).toBeGreaterThanOrEqual(200);
  expect(error.message).toContain('was not ready within 0.2 s (fetch failed)');
  expect(program.stopped).toBe(true);
});

test('a program that accepts and does not answer does not hold up the start', async () => {
  const program = new StandIn();
  const silent = { ...basics, patienceMs: 100, askPatienceMs: 50, ask: () => new Promise<void>(() => {}) };
  const error = await failureOf(startAnswering({ ...silent, launch: async () => program }));
  expect(error.message).toContain('it accepts, and does not answer');
  expect(program.stopped).toBe(true);
});
