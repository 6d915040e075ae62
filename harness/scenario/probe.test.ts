import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { type Clock, realClock } from '../clock.ts';
import type { Lease } from '../environment/lease.ts';
import { probe } from './probe.ts';

/** A tenth of the probe's patience, and of all else that is timed. */
const hasty: Clock = {
  now: () => realClock.now(),
  date: () => realClock.date(),
  sleep: (ms, signal) => realClock.sleep(ms / 10, signal),
  after: (ms, then) => realClock.after(ms / 10, then),
};

/** Of a path whose end is at that port. */
function leaseAt(port: number): Lease {
  return {
    bucket: 'b',
    endpoint: { host: '127.0.0.1', port, secure: false },
    pathStyle: true,
    dnsServer: { host: '127.0.0.1', port: 9 },
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    edge: { rules: async () => [] },
    proxy: { inForce: async () => [] },
    dns: { inForce: async () => [] },
    neighbours: { open: () => [] },
  } as unknown as Lease;
}

async function silentServer() {
  const server = createServer((socket) => socket.on('error', () => {}).resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => server.close() };
}

const probed = (port: number, signal: AbortSignal) =>
  probe({ lease: leaseAt(port), region: 'us-east-1', when: 'after', clock: hasty, signal });

it('tells a path that does not answer from one that refuses, and from a run that is stopped', async () => {
  using silent = await silentServer();
  const never = new AbortController().signal;
  const unanswered = {
    operation: 'PutObject',
    ms: expect.any(Number),
    error: 'no answer within 5 s',
    unanswered: true,
  };
  expect((await probed(silent.port, never)).samples).toEqual([unanswered, unanswered, unanswered]);

  const refused = await probed(1, never);
  const stopped = await probed(silent.port, AbortSignal.timeout(20));
  for (const { samples } of [refused, stopped]) {
    expect(samples).toHaveLength(3);
    for (const sample of samples) {
      expect(sample.error).toEqual(expect.any(String));
      expect(sample).not.toHaveProperty('unanswered');
    }
  }
});

/** An S3 that answers what was signed with its attempt id by `signed`, and all else with 200. */
async function s3Server(signed: number) {
  const server = createHttpServer((request, response) => {
    const hasId = /SignedHeaders=[^,]*x-chaos-attempt/.test(request.headers.authorization ?? '');
    request.resume().on('end', () => {
      response.statusCode = hasId ? signed : request.method === 'DELETE' ? 204 : 200;
      response.end(hasId ? `<Error><Code>Code${signed}</Code></Error>` : undefined);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.dispose]: () => server.close() };
}

it('asks S3 before the first fault whether attempt ids reach it, with a request that it refuses if they do not', async () => {
  const asked = async (status: number, when: 'before' | 'after') => {
    using s3 = await s3Server(status);
    const { signal } = new AbortController();
    const { samples, idReachedS3 } = await probe({
      lease: leaseAt(s3.port),
      region: 'us-east-1',
      when,
      clock: realClock,
      signal,
    });
    // None of the samples is signed with its id, and none of them is the question.
    expect(samples.map(({ error }) => error)).toEqual(Array(9).fill(undefined));
    return idReachedS3;
  };
  expect(await asked(403, 'before')).toBe(false);
  expect(await asked(404, 'before')).toBe(true);
  expect(await asked(200, 'before')).toBe(true);
  expect(await asked(500, 'before')).toBeUndefined();
  expect(await asked(404, 'after')).toBeUndefined();
});
