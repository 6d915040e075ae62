import { describe, expect, it } from 'vitest';
import { checkSettings, type SettingNote } from './check-settings.ts';
import { tempoDefaults } from './defaults.ts';
import { withSetOptions } from './set-option.ts';

function notes(...set: string[]): SettingNote[] {
  return checkSettings(withSetOptions(tempoDefaults(), set));
}

function warningsOf(...set: string[]): string[] {
  return notes(...set)
    .filter(({ level }) => level === 'warning')
    .map(({ setting, message }) => `${setting}: ${message}`);
}

const of4361 = [
  'storage.trace.pool.queue_depth=50000',
  'overrides.defaults.ingestion.rate_limit_bytes=600000000',
  'overrides.defaults.ingestion.burst_size_bytes=800000000',
  'overrides.defaults.ingestion.max_traces_per_user=3000000',
  'compactor.compaction.max_time_per_tenant=15m',
  'deployment.ingesters=30',
  'deployment.disk=30GB',
  'deployment.memory=5GB',
];

describe('checkSettings', () => {
  it('explains the deployment of grafana/tempo#4361', () => {
    expect(notes(...of4361).map(({ level, setting, message }) => `${level} ${setting}: ${message}`)).toEqual([
      'ok ingester.flush_op_timeout: a block of 500MiB needs 1.67MiB/s to be copied within 5m, and 6.67MiB/s when all 4 flushes run: on a slower way to S3 it never completes, because each new attempt starts from the beginning',
      'ok storage.trace.s3.part_size: a block of 500MiB takes 37 requests or more, with 32 parts of 16MiB at most; each one that fails 10 times fails the block',
      "ok ingester.concurrent_flushes: 4 flushes of 500MiB hold up to 1.95GiB in memory, of an ingester's 5GB: Tempo reads a whole object before it sends it",
      'ok storage.trace.s3.retry_max_attempts: 10 attempts outlive errors that S3 answers at once for 3.7s on average and 7.4s at most; after a longer outage the flush has failed',
      'ok ingester.flush_op_timeout: when S3 takes requests and never answers, 5m end before the client\'s 10 attempts do: Tempo logs "context deadline exceeded", and not what S3 did',
      'ok policy.flushRetryDelays: a failed flush is tried again after 30s, 1m, 2m and so on, without end: a block may notice 2m late that S3 is back',
      'ok overrides.defaults.ingestion.rate_limit_bytes: at the rate limit each of 30 ingesters takes in 20MB/s and cuts a block every 26.2s, and has to write to S3 as fast to keep up; while S3 is away its disk of 30GB is full after 25m, and then data is lost',
      'ok ingester.complete_block_timeout: a block stays in the ingester for 15m, longer than one slow flush and the next poll of the block list take (10m)',
      'ok ingester.flush_all_on_shutdown: false: what is not flushed when an ingester stops stays on its disk, and must come back with it',
      'ok storage.trace.pool.queue_depth: no effect on a write: 50000 reads (look-ups by trace ID) may wait',
      'ok compactor.compaction.max_time_per_tenant: no effect on a write: 15m of compaction for each tenant in turn',
      'ok overrides.defaults.ingestion.burst_size_bytes: no effect on a write: 800MB may come in at once; as the rate limit, it decides how much there is to write, not how',
      'ok overrides.defaults.ingestion.max_traces_per_user: no effect on a write: 3000000 live traces decide how much memory is taken, and when a push is refused',
    ]);
  });

  it('has nothing to warn of in the defaults', () => {
    expect(warningsOf()).toEqual([]);
  });

  it.each([
    [
      ['policy.attempts=1'],
      'storage.trace.s3.retry_max_attempts: no request is tried again: a single 503 fails the flush of a whole block',
    ],
    [
      ['storage.trace.s3.retry_backoff_initial=5s'],
      'storage.trace.s3.retry_backoff_initial: 5s is more than retry_backoff_max, 1s, which is what counts',
    ],
    [
      ['ingester.flush_op_timeout=1m'],
      'ingester.flush_op_timeout: it is not longer than the 1m for which the client waits for an answer: one request that gets none uses up the whole flush, and is never tried again',
    ],
    [
      ['policy.flushRetries=0'],
      'policy.flushRetries: a flush that failed is not tried again: the block is lost to S3. Tempo itself never gives up',
    ],
    [
      ['policy.flushRetries=3'],
      'policy.flushRetries: after 3 retries a block is given up. Tempo itself never gives up',
    ],
    [
      ['ingester.max_block_bytes=107374182400', 'storage.trace.s3.part_size=5242880', 'deployment.memory=2TiB'],
      'storage.trace.s3.part_size: a block of 100GiB in parts of 5MiB would need 20480 parts, and S3 takes 10000: the upload fails',
    ],
    [
      ['ingester.concurrent_flushes=8'],
      "ingester.concurrent_flushes: 8 flushes of 500MiB hold up to 3.91GiB in memory, of an ingester's 4GiB: Tempo reads a whole object before it sends it",
    ],
    [
      ['ingester.complete_block_timeout=9m'],
      'ingester.complete_block_timeout: a block leaves the ingester 9m after its end, but a slow flush and the next poll of the block list take up to 10m: until then its traces cannot be found',
    ],
    [
      ['overrides.defaults.ingestion.rate_limit_bytes=50000000'],
      'overrides.defaults.ingestion.rate_limit_bytes: at the rate limit each of 1 ingester takes in 50MB/s and cuts a block every 10.5s, and has to write to S3 as fast to keep up; while S3 is away its disk of 10GiB is full after 3m35s, and then data is lost',
    ],
  ])('warns of %j', (set, warning) => {
    expect(warningsOf(...set)).toEqual([warning]);
  });

  it('has nothing to say of connections and names as Tempo has them', () => {
    const about = checkSettings(tempoDefaults()).map(({ setting }) => setting);
    for (const setting of ['maxConnections', 'keepAlive', 'dnsSearch', 'dnsNdots', 'dnsCache']) {
      expect(about).not.toContain(`policy.${setting}`);
    }
  });

  it.each([
    [
      'policy.maxConnections',
      { maxConnections: 15 },
      'warning',
      '15 connections for up to 16 requests at the same time',
    ],
    ['policy.keepAlive', { keepAlive: false }, 'ok', 'each request opens a connection of its own'],
    [
      'policy.dnsNdots',
      { dnsNdots: 5, dnsSearch: ['a.svc', 'svc', 'local'] },
      'ok',
      'fewer than 5 dots is looked up below 3 domains first: 8 queries (A and AAAA) for each new connection in place of 2, and while no answer comes, 5s x 2 for each name, of a dial timeout of 30s',
    ],
    ['policy.dnsSearch', { resolver: 'node', dnsSearch: ['svc'] }, 'warning', 'it has no effect'],
    ['policy.dnsCache', { dnsCache: true }, 'ok', 'until its time to live is over'],
  ] as const)('tells what %s means', (setting, policy, level, message) => {
    const settings = tempoDefaults();
    Object.assign(settings.policy, policy);
    const notes = checkSettings(settings).filter((note) => note.setting === setting);
    expect(notes).toEqual([{ level, setting, message: expect.stringContaining(message) }]);
  });

  it('warns of no limit that no request meets', () => {
    const settings = tempoDefaults();
    settings.policy.maxConnections = 16;
    expect(checkSettings(settings).map(({ setting }) => setting)).not.toContain('policy.maxConnections');
  });

  it('says of settings that are often tried that they change no write', () => {
    const said = notes('storage.trace.pool.max_workers=50', 'storage.trace.s3.hedge_requests_at=1s');
    expect(said.filter(({ message }) => message.startsWith('no effect')).map(({ setting }) => setting)).toEqual([
      'storage.trace.pool.queue_depth',
      'storage.trace.pool.max_workers',
      'compactor.compaction.max_time_per_tenant',
      'overrides.defaults.ingestion.burst_size_bytes',
      'overrides.defaults.ingestion.max_traces_per_user',
      'storage.trace.s3.hedge_requests_at',
    ]);
  });
});
