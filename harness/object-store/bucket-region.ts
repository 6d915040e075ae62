/**
 * The region that minio-go signs for. One in the config counts; else the one that an endpoint of AWS has in its name; else S3 is asked
 * where the bucket is, and its answer is kept.
 */
import type { S3Settings } from '../tempo/settings.ts';
import { isRetryableCode } from './retryable.ts';
import { S3Error } from './s3-operations.ts';

/** The region of a bucket that has none, and what a request is signed for that asks where a bucket is. */
export const DEFAULT_REGION = 'us-east-1';

/** Load balancers, whose names have a region in them, say nothing of the bucket's. */
const withoutRegion = /elb.*\.amazonaws\.com(\.cn)?$/;

/** In the order in which minio-go tries them: a pattern further down may match what one further up is meant for. */
const awsEndpoints = [
  /^s3-fips\.dualstack\.(.*?)\.amazonaws\.com$/,
  /^s3-fips\.(.*?)\.amazonaws\.com$/,
  /^s3\.dualstack\.(.*?)\.amazonaws\.com$/,
  /^s3-(.*?)\.amazonaws\.com$/,
  /^s3\.(cn.*?)\.amazonaws\.com\.cn$/,
  /^s3\.dualstack\.(cn.*?)\.amazonaws\.com\.cn$/,
  /^(?:bucket|accesspoint)\.vpce-.*?\.s3\.(.*?)\.vpce\.amazonaws\.com$/,
  /^s3\.(?!dualstack\.|control\.|website-)(.*?)\.amazonaws\.com$/,
];

/** What the client is told, or can tell: empty, when it has to ask S3. */
export function clientRegion({ region, endpoint }: Pick<S3Settings, 'region' | 'endpoint'>): string {
  return region || regionInName(hostOf(endpoint));
}

/** Whether the endpoint is AWS's own: then minio-go puts the bucket's name in front of the host's, unless it is told not to. */
export function isAwsEndpoint(endpoint: string): boolean {
  const host = hostOf(endpoint);
  return host === 's3.amazonaws.com' || host === 's3-external-1.amazonaws.com' || regionInName(host) !== '';
}

export function hostOf(endpoint: string): string {
  return endpoint.replace(/:\d+$/, '');
}

function regionInName(host: string): string {
  if (withoutRegion.test(host) || host === 's3-external-1.amazonaws.com') return '';
  for (const pattern of awsEndpoints) {
    const found = pattern.exec(host)?.[1];
    if (found !== undefined) return found;
  }
  return '';
}

/** The region by the location constraint that S3 tells of a bucket. */
export function regionOf(constraint: string): string {
  if (constraint === '') return DEFAULT_REGION;
  return constraint === 'EU' ? 'eu-west-1' : constraint;
}

const aboutRegion = new Set(['AuthorizationHeaderMalformed', 'InvalidRegion', 'AccessDenied']);

/** Whether this error of S3 is one that a wrong region may have caused. `region`, if the answer has it, is the right one. */
export function isAboutRegion(error: unknown): error is S3Error {
  if (!(error instanceof S3Error)) return false;
  return aboutRegion.has(error.code ?? (error.status === 403 ? 'AccessDenied' : ''));
}

/** Whether the turn that asked where the bucket is, and got this error, is followed by another one. A status alone is no reason. */
export function asksAgain(error: unknown): boolean {
  return error instanceof S3Error && isRetryableCode(error.code);
}
