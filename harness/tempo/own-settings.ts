/** What no key of Tempo's config sets: the client's policy, the SDK's own behaviour, and the deployment. */
import {
  boolean,
  count,
  countOrZero,
  duration,
  durationOrZero,
  oneOf,
  type Setting,
  type SettingAt,
  text,
} from './setting.ts';
import { policyNames, resolverNames, type SdkSettings, type TempoSettings, tempoVersions } from './settings.ts';

export type PolicySettings = Record<keyof TempoSettings['policy'], Setting>;

/** By their name after `policy.` in `--set`. */
export function policySettings(at: SettingAt): PolicySettings {
  const policy = (name: Parameters<typeof at<'policy'>>[1], kind: Setting['kind'], about: string) =>
    at('policy', name, kind, about);
  return {
    attempts: policy('attempts', count, 'requests sent for one that is needed, at most, the first among them'),
    backoffUnit: policy(
      'backoffUnit',
      durationOrZero,
      'the longest wait after the first failed attempt; it doubles with each',
    ),
    backoffCap: policy('backoffCap', durationOrZero, 'the longest wait between two attempts'),
    dialTimeout: policy('dialTimeout', duration, 'for a connect, the look-up of the name included'),
    tlsHandshakeTimeout: policy('tlsHandshakeTimeout', duration, 'for a TLS handshake'),
    responseHeaderTimeout: policy('responseHeaderTimeout', duration, "from a request sent to its answer's first byte"),
    idleConnectionTimeout: policy('idleConnectionTimeout', duration, 'how long a connection is kept that nobody uses'),
    maxIdleConnections: policy('maxIdleConnections', count, 'how many connections are kept that nobody uses'),
    maxConnections: policy(
      'maxConnections',
      countOrZero,
      'open connections at most, 0 for any number; a request beyond waits',
    ),
    keepAlive: policy('keepAlive', boolean, 'whether a connection serves more than one request'),
    partsInFlight: policy('partsInFlight', count, 'parts of one upload that are sent at the same time'),
    resolver: policy(
      'resolver',
      oneOf('resolver', resolverNames),
      "whose way of looking names up: Go's, or that of Node's dns.resolve",
    ),
    dnsTimeout: policy('dnsTimeout', duration, "Go's resolver: for each query"),
    dnsAttempts: policy('dnsAttempts', count, "Go's resolver: queries to each server"),
    // resolv.conf(5): more counts as 15
    dnsNdots: policy(
      'dnsNdots',
      { type: 'integer', min: 0, max: 15 },
      "Go's resolver: a name with fewer dots is looked up below the search list first",
    ),
    dnsSearch: policy('dnsSearch', { type: 'domains' }, "Go's resolver: the search list"),
    dnsCache: policy(
      'dnsCache',
      boolean,
      'whether answers are kept for their time to live, as a cache on the node does',
    ),
    nodeDnsTimeout: policy('nodeDnsTimeout', duration, "Node's resolver: for the first query; later ones wait longer"),
    nodeDnsAttempts: policy('nodeDnsAttempts', count, "Node's resolver: queries to each server"),
    concurrentFlushes: policy(
      'concurrentFlushes',
      count,
      'workers that copy blocks to S3, each with a queue of its own',
    ),
    flushOpTimeout: policy('flushOpTimeout', durationOrZero, 'the deadline for one copy of one block, 0 for none'),
    flushCheckPeriod: policy(
      'flushCheckPeriod',
      duration,
      'how often traces and blocks are looked at that are due to be cut',
    ),
    firstFlushJitter: policy(
      'firstFlushJitter',
      durationOrZero,
      'a block that was cut waits a random time up to this before it is completed',
    ),
    flushRetryDelays: policy(
      'flushRetryDelays',
      { type: 'durations' },
      'the waits after the first, second, ... failed flush; the last one goes on',
    ),
    flushRetries: policy('flushRetries', { type: 'retries' }, 'how many times a failed flush is tried again'),
    completeAttempts: policy(
      'completeAttempts',
      count,
      'how many times a block is completed (WAL to local block) before it is given up',
    ),
    completeRetryDelays: policy(
      'completeRetryDelays',
      { type: 'durations' },
      'the waits after the first, second, ... failed completion; the last one goes on',
    ),
    completeConcurrency: policy(
      'completeConcurrency',
      countOrZero,
      'workers that complete blocks; 0: those that flush do it',
    ),
  };
}

/** By their name after `sdk.` in `--set`. They count with `client.policy=sdk` alone. */
export function sdkSettings(): Record<keyof SdkSettings, Setting> {
  const sdk = (name: keyof SdkSettings, kind: Setting['kind'], example: string, about: string): Setting => ({
    kind,
    fallback: example,
    about,
    assign(settings, value) {
      Object.assign(settings.sdk, { [name]: value });
    },
  });
  return {
    maxAttempts: sdk(
      'maxAttempts',
      count,
      '3',
      '`maxAttempts` of the AWS SDK; `retryOptions.maximumRetryCount` + 1 of minio',
    ),
    retryMode: sdk('retryMode', oneOf('retry mode', ['standard', 'adaptive']), 'standard', '`retryMode`; AWS SDK only'),
    connectionTimeout: sdk('connectionTimeout', duration, '5s', "`connectionTimeout` of the AWS SDK's request handler"),
    requestTimeout: sdk('requestTimeout', duration, '30s', "`requestTimeout` of the AWS SDK's request handler"),
    maxSockets: sdk('maxSockets', count, '50', '`maxSockets` of the HTTP agent: open connections at most'),
  };
}

/** The keys of a deployment file, and of `--set deployment.<name>`. */
export function deploymentSettings(at: SettingAt, region: Setting['kind'] = text): Record<string, Setting> {
  return {
    ingesters: at(
      'deployment',
      'ingesters',
      count,
      'share what is taken in; a run has as many writers as its scenario says',
    ),
    replication_factor: at(
      'deployment',
      'replicationFactor',
      count,
      'how many ingesters take each trace in, where the config does not say: so many times the bytes are flushed',
    ),
    compactors: at('deployment', 'compactors', countOrZero, 'how many compactors read and write beside the ingesters'),
    queriers: at('deployment', 'queriers', countOrZero, 'how many queriers read beside the ingesters'),
    cores: at('deployment', 'coresPerIngester', { type: 'number', min: 'above zero' }, "an ingester's cores"),
    memory: at(
      'deployment',
      'memoryPerIngester',
      { type: 'size' },
      "an ingester's memory: holds the live traces and the objects that are being sent",
    ),
    disk: at(
      'deployment',
      'diskPerIngester',
      { type: 'size' },
      "an ingester's disk: holds the WAL, and blocks until they are flushed and cleared",
    ),
    region: {
      ...at('s3', 'region', region, 'where S3 is, where the config does not say'),
      assign(settings, value) {
        // What the Tempo config itself says comes first.
        if (settings.s3.region === '') settings.s3.region = String(value);
      },
    },
  };
}

export const versionKind = oneOf('version of Tempo that is modelled', tempoVersions);
export const policyKind = oneOf('policy', policyNames);
