/** The object store that a config asks for: with Tempo's policy over an SDK, or with the SDK's own. */
import type { Clock } from '../clock.ts';
import type { Resolver } from '../dns/resolver.ts';
import type { Recorder } from '../history/events.ts';
import type { Random } from '../random.ts';
import type { TempoSettings } from '../tempo/settings.ts';
import { clientRegion, DEFAULT_REGION } from './bucket-region.ts';
import { type ClientName, createS3Operations, type S3ClientOptions } from './clients.ts';
import type { ObjectStore } from './object-store.ts';
import { usesPathStyle } from './path-style.ts';
import { sdkObjectStore } from './sdk-object-store.ts';
import { type TempoObjectStoreOptions, tempoObjectStore } from './tempo-object-store.ts';
import { Transport } from './transport.ts';

export interface ObjectStoreOptions {
  /** Whose code signs, and, by `settings.client`, whose policy. */
  client: ClientName;
  /** Compressed. */
  settings: Pick<TempoSettings, 'version' | 'client' | 'sdk' | 's3' | 'policy'>;
  s3: {
    host: string;
    port: number;
    credentials: { accessKeyId: string; secretAccessKey: string };
    /** The certificate authority (PEM) that signs for the endpoint. */
    ca?: string;
  };
  /** Of `s3.host`, asked for each new connection. */
  resolver: Resolver;
  clock: Clock;
  random: Random;
  /** Takes the `attempt` events. */
  record: Recorder;
  /** Unique in the run: ids of requests and attempts begin with it. */
  writer: string;
}

/** Sends nothing yet. @throws Error when the SDK cannot be loaded. */
export async function createObjectStore(options: ObjectStoreOptions): Promise<ObjectStore> {
  const { client, settings, s3, resolver, clock, record, writer } = options;
  if (settings.client === 'tempo') return tempoObjectStore(await tempoStoreOptions(options));
  const { sdk } = settings;
  return sdkObjectStore(client, { ...addressed(options), ...authority(s3), sdk, resolver, clock, record, writer });
}

/** What a store with Tempo's policy is made of. @throws Error when the SDK cannot be loaded. */
export async function tempoStoreOptions(options: ObjectStoreOptions): Promise<TempoObjectStoreOptions> {
  const { client, settings, s3, resolver, clock, random, record, writer } = options;
  const transport = new Transport({ resolver, timeouts: settings.policy, clock, ...authority(s3) });
  return {
    operations: await createS3Operations(client, { ...addressed(options), transport }),
    policy: settings.policy,
    partSize: settings.s3.partSize,
    askRegion: clientRegion(settings.s3) === '',
    partsOutliveUpload: settings.version === '3.0',
    clock,
    random,
    record,
    writer,
  };
}

function addressed({ settings, s3 }: ObjectStoreOptions): Omit<S3ClientOptions, 'transport'> {
  const { host, port, credentials } = s3;
  return {
    bucket: settings.s3.bucket,
    // A client without one signs for this until it knows better. An SDK has to be told one.
    region: clientRegion(settings.s3) || DEFAULT_REGION,
    credentials,
    endpoint: { host, port, secure: !settings.s3.insecure },
    pathStyle: usesPathStyle(settings.s3),
  };
}

function authority({ ca }: ObjectStoreOptions['s3']): { ca?: string } {
  return ca === undefined ? {} : { ca };
}
