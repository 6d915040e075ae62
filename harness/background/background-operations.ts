/** The S3 client of the background load: with the SDK that it is told, on real sockets, with the resolver and the timeouts of its settings. */
import type { Clock } from '../clock.ts';
import { policyResolver } from '../dns/policy-resolver.ts';
import { clientRegion } from '../object-store/bucket-region.ts';
import { createS3Operations } from '../object-store/clients.ts';
import { usesPathStyle } from '../object-store/path-style.ts';
import type { S3Operations } from '../object-store/s3-operations.ts';
import { Transport } from '../object-store/transport.ts';
import type { BackgroundAssignment } from './protocol.ts';

/** @throws Error when the SDK cannot be loaded. */
export function backgroundOperations(
  { client, s3, settings }: Pick<BackgroundAssignment, 'client' | 's3' | 'settings'>,
  clock: Clock,
): Promise<S3Operations> {
  const { policy } = settings;
  const resolver = policyResolver(policy, s3.dns, { clock, ttlSecond: s3.dns.ttlSecond ?? 1000 });
  return createS3Operations(client, {
    bucket: settings.s3.bucket,
    region: clientRegion(settings.s3),
    credentials: s3.credentials,
    endpoint: { host: s3.host, port: s3.port, secure: !settings.s3.insecure },
    pathStyle: usesPathStyle(settings.s3),
    transport: new Transport({ resolver, timeouts: policy, clock, ...(s3.ca !== undefined && { ca: s3.ca }) }),
  });
}
