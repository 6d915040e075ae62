import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, test, vi } from 'vitest';

const drawn: number[] = [];
vi.mock('node:crypto', async (original) => ({
  ...(await original<typeof import('node:crypto')>()),
  randomInt: (from: number, to: number) => drawn.shift() ?? Math.floor((from + to) / 2),
}));

const { holdServerPort } = await import('./server-port.ts');
const randomInt = (await vi.importActual<typeof import('node:crypto')>('node:crypto')).randomInt;

test.runIf(process.platform === 'linux')('the kernel gives it to nobody else', async () => {
  const [first] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/);
  const { port, release } = await holdServerPort();
  expect(port).toBeGreaterThanOrEqual(20_000);
  expect(port).toBeLessThan(Number(first));
  release();
});

test('it is held while nothing listens on it, until it is released', async () => {
  const wanted = randomInt(20_000, 30_000);
  drawn.push(wanted, wanted, wanted + 1, wanted);
  const held = await holdServerPort();
  const other = await holdServerPort();
  expect([held.port, other.port]).toEqual([wanted, wanted + 1]);
  held.release();
  const again = await holdServerPort();
  expect(again.port).toBe(wanted);
  other.release();
  again.release();
});

test('one on which somebody listens is passed over, and one that stays so is told', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  drawn.push(port);
  const free = await holdServerPort();
  expect(free.port).not.toBe(port);
  free.release();
  drawn.push(...Array.from({ length: 100 }, () => port));
  await expect(holdServerPort()).rejects.toThrow(/^none of 100 ports of 127.0.0.1 from 20000 to \d+ is free$/);
  server.close();
});
