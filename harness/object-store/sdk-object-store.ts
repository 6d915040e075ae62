/** An object store that does what an SDK does by itself (`--policy sdk`): for people whose own Node writer is under test. */
import type { Clock } from '../clock.ts';
import type { Resolver } from '../dns/resolver.ts';
import type { Recorder } from '../history/events.ts';
import type { SdkSettings } from '../tempo/settings.ts';
import type { ClientName, S3ClientOptions } from './clients.ts';
import { announce } from './machine-lookup.ts';
import type { ObjectStore } from './object-store.ts';
import { SdkCalls } from './sdk-calls.ts';

export interface SdkClientOptions extends Omit<S3ClientOptions, 'transport'> {
  sdk: SdkSettings;
}

export interface SdkObjectStoreOptions extends SdkClientOptions {
  /** The certificate authority (PEM) that signs for TLS endpoints. Absent: those that Node trusts. */
  ca?: string;
  /** Of the endpoint's name. */
  resolver: Resolver;
  clock: Clock;
  record: Recorder;
  /** Unique in the run: request and attempt ids begin with it. */
  writer: string;
}

type Factory = (options: SdkClientOptions, calls: SdkCalls) => ObjectStore;

/** An SDK is loaded when it is asked for. */
const stores: Record<ClientName, () => Promise<Factory>> = {
  'aws-sdk': async () => (await import('./aws-sdk-object-store.ts')).awsSdkObjectStore,
  minio: async () => (await import('./minio-object-store.ts')).minioObjectStore,
};

/** Sends nothing. Real time only: the SDKs have timers of their own. */
export async function sdkObjectStore(client: ClientName, options: SdkObjectStoreOptions): Promise<ObjectStore> {
  const { ca, resolver, clock, record, writer, ...own } = options;
  const { endpoint, pathStyle } = own;
  const factory = await stores[client]();
  const calls = new SdkCalls({
    clock,
    record,
    writer,
    ...(!pathStyle && { domain: endpoint.host }),
    ...(ca !== undefined && { ca }),
  });
  const store = factory(own, calls);
  const forget = announce(endpoint.host, resolver);
  const close = store.close.bind(store);
  store.close = () => {
    forget();
    close();
  };
  return store;
}
