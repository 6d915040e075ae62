/** Puts by our writer's client: Tempo's policy over an SDK, reading from the disk, telling its history. */
import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { readFile } from 'node:fs/promises';
import { realClock } from '../clock.ts';
import type { Credentials } from '../environment/environment.ts';
import type { Recorder } from '../history/events.ts';
import type { ClientName } from '../object-store/clients.ts';
import { createObjectStore } from '../object-store/create-object-store.ts';
import { FileBody } from '../object-store/file-body.ts';
import { Random } from '../random.ts';
import { tempoDefaults } from '../tempo/defaults.ts';
import { type Puts, timed } from './puts.ts';

export interface OurPuts extends Puts {
  close(): void;
}

export async function ourPuts(
  endpoint: { host: string; port: number },
  options: {
    name: string;
    client: ClientName;
    credentials: Credentials;
    region: string;
    bucket: string;
    partSize: number;
    record: Recorder;
  },
): Promise<OurPuts> {
  const { name, client, credentials, region, bucket, partSize, record } = options;
  const settings = tempoDefaults();
  const store = await createObjectStore({
    client,
    settings: { ...settings, s3: { ...settings.s3, bucket, region, partSize, insecure: true, forcePathStyle: true } },
    s3: { ...endpoint, credentials },
    resolver: { resolve: async (host) => [host] },
    ...{ clock: realClock, random: new Random(1), record, writer: name },
  });
  const never = new AbortController().signal;
  // Each put under way listens.
  setMaxListeners(0, never);
  const hashes = new Map<string, string>();
  return {
    name,
    async put(batch) {
      const { file } = batch;
      // The writer knows the hash of an object since it completed the block: no part of a flush.
      const sha256 =
        hashes.get(file) ??
        createHash('sha256')
          .update(await readFile(file))
          .digest('hex');
      hashes.set(file, sha256);
      return timed(batch, async (key) => store.putObject(key, await FileBody.whole(file, sha256), never));
    },
    close: () => store.close(),
  };
}
