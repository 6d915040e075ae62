import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import type { LatenessEvent } from '../history/events.ts';
import { DnsControl } from './control.ts';
import { Zone } from './zone.ts';

it('tells every name of the lateness of the process, until the name is removed or all is closed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dns-control-test-'));
  const file = (name: string) => join(folder, `${name}.ndjson`);
  const call = (request: string, name: string) =>
    control.handlers[request]?.({ name: `${name}.s3.chaos.test` }, body(name));
  const body = (name: string) => ({
    name: `${name}.s3.chaos.test`,
    addresses: ['127.0.0.1'],
    ttlSeconds: 1,
    historyFile: file(name),
  });
  const late = (t: number): LatenessEvent => ({
    t,
    type: 'lateness',
    process: 'dns',
    maxMs: 1,
    totalMs: 1,
    intervalMs: 500,
  });

  const control = new DnsControl(new Zone());
  await call('POST /names', 'stays');
  await call('POST /names', 'goes');
  control.recordForAll(late(1));
  await call('DELETE /names/:name', 'goes');
  control.recordForAll(late(2));
  await control.close();
  // What is closed is whole: nothing can follow.
  control.recordForAll(late(3));
  await realClock.sleep(50);

  const times = async (name: string) => (await readFile(file(name), 'utf8')).match(/"t":\d/g);
  expect(await times('stays')).toEqual(['"t":1', '"t":2']);
  expect(await times('goes')).toEqual(['"t":1']);
  await rm(folder, { recursive: true });
});
