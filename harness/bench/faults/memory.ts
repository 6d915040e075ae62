/** The gateway's memory while 64 connections send 256 MiB each, as the system counts it. */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { Readable } from 'node:stream';
import { realClock } from '../../clock.ts';
import type { Gateway, Route } from '../../gateway/gateway.ts';
import type { Measurement } from '../measurement.ts';

const CONNECTIONS = 64;
const BYTES = 256 * 1024 * 1024;
const GOAL_MIB = 200;
const chunk = Buffer.alloc(256 * 1024, 'm');

export async function benchMemory(gateway: Gateway, route: Route): Promise<Measurement[]> {
  if (process.platform !== 'linux')
    return [{ what: 'memory of the gateway: read from /proc, on Linux only', value: '-' }];
  const agent = new Agent({ keepAlive: true });
  let peak = residentMiB(gateway.pid);
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      peak = Math.max(peak, residentMiB(gateway.pid));
      await realClock.sleep(20, over.signal).catch(() => {});
    }
  })();
  const start = realClock.now();
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, index) => upload(route, index + 1, agent)));
  const seconds = (realClock.now() - start) / 1000;
  over.abort();
  await watching;
  agent.destroy();
  return [
    {
      what: `memory of the gateway, ${CONNECTIONS} connections of 256 MiB (${((CONNECTIONS * 256) / seconds).toFixed(0)} MiB/s)`,
      value: `${peak.toFixed(0)} MiB`,
      goal: `<= ${GOAL_MIB} MiB`,
      met: peak <= GOAL_MIB,
    },
  ];
}

function residentMiB(pid: number): number {
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(resident) / 1024;
}

function upload({ host, port }: Route, number: number, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-length': BYTES };
    const sent = request({ host, port, path: `/bucket/key-${number}`, method: 'PUT', agent, headers }, (answer) => {
      answer.resume();
      answer.once('end', () => {
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`bench: an upload of 256 MiB was answered ${answer.statusCode}: 200 expected`));
      });
    });
    sent.once('error', reject);
    Readable.from(chunks(), { highWaterMark: 1 }).pipe(sent);
  });
}

function* chunks(): Generator<Buffer> {
  for (let sent = 0; sent < BYTES; sent += chunk.length) yield chunk;
}
