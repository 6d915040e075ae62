import { describe, expect, it } from 'vitest';
import { checkSettings } from './check-settings.ts';
import { tempoDefaults } from './defaults.ts';
import { withSetOptions } from './set-option.ts';
import type { SettingNote } from './setting-note.ts';
import type { TempoSettings } from './settings.ts';

function notes(...set: string[]): SettingNote[] {
  return checkSettings(withSetOptions(tempoDefaults(), set));
}

/** With a disk that holds what comes in. */
function warningsOf(...set: string[]): string[] {
  return notes('deployment.disk=50GB', ...set)
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
      'ok overrides.defaults.ingestion.rate_limit_bytes: at 600MB/s each of 30 ingesters takes in 20MB/s, cuts a block every 26.2s, and has to write to S3 as fast: its 4 flushes keep up while each block is copied within 1m45s; what takes longer piles up on the disk, long before ingester.flush_op_timeout (5m) says so',
      'ok overrides.defaults.ingestion.burst_size_bytes: 800MB may come in at once, 25.43MiB for each ingester, into memory first (5GB); as the rate limit, it decides how much there is to write, not how',
      "ok overrides.defaults.ingestion.max_traces_per_user: at the rate limit up to 800MB are in an ingester's memory alone, and go when its process ends; 3000000 live traces refuse pushes before that only if a trace has less than 266.67B on average",
      'ok ingester.lifecycler.ring.replication_factor: 1: a block that is lost takes the only copy of its traces with it',
      'ok ingester.flush_op_timeout: a block of 500MiB needs 1.67MiB/s to be copied within 5m, and 6.67MiB/s when all 4 flushes run: on a slower way to S3 it never completes, because each new attempt starts from the beginning',
      'ok storage.trace.s3.part_size: a block of 500MiB takes 37 requests or more, with 32 parts of 16MiB at most; each one that fails 10 times fails the block',
      "ok ingester.concurrent_flushes: 4 flushes of 500MiB hold up to 1.95GiB in memory, of an ingester's 5GB: Tempo reads a whole object before it sends it",
      'ok policy.attempts: 10 attempts outlive errors that S3 answers at once for 3.7s on average and 7.4s at most; after a longer outage the flush has failed',
      'ok ingester.flush_op_timeout: when S3 takes requests and never answers, 5m end before the client\'s 10 attempts do: Tempo logs "context deadline exceeded", and not what S3 did',
      'ok policy.flushRetryDelays: a failed flush is tried again after 30s, 1m, 2m and so on, without end: a block may notice 2m late that S3 is back',
      'ok policy.completeAttempts: a block that cannot be completed on the local disk, 3 times within 1m30s, is deleted: a disk that stays full for so long loses data',
      "ok deployment.disk: at the rate limit 18GB of blocks wait on an ingester's disk of 30GB for ingester.complete_block_timeout (15m), flushed or not; while S3 is away it is full after 25m, and then data is lost: pushes are not refused",
      'ok ingester.complete_block_timeout: a block is cleared locally 15m after its end, or as soon as it is flushed after that, and readers may see it in S3 only after storage.trace.blocklist_poll (5m): one that is flushed later than 10m after its end leaves a gap in which its traces cannot be found',
      'ok ingester.flush_all_on_shutdown: false: what is not flushed when an ingester stops stays on its disk, and must come back with it',
      'ok storage.trace.pool.queue_depth: no effect on a write: 50000 reads (look-ups by trace ID) may wait for 400 workers',
      "ok compactor.compaction.max_time_per_tenant: no effect on a write: 15m of compaction for each tenant in turn; compactors share the way to S3, not the ingesters' queues",
    ]);
  });

  it('has nothing to warn of in the defaults, on a disk that holds what comes in', () => {
    expect(warningsOf()).toEqual([]);
    const messages = notes().filter(({ level }) => level === 'warning');
    expect(messages).toEqual([
      {
        level: 'warning',
        setting: 'deployment.disk',
        message:
          "at the rate limit 13.5GB of blocks wait on an ingester's disk for ingester.complete_block_timeout (15m), flushed or not, and it has 10GiB: it is full without any outage, and then data is lost",
      },
    ]);
  });

  it.each([
    [
      ['policy.attempts=1'],
      'policy.attempts: no request is tried again: a single 503 fails the flush of a whole block',
    ],
    [['policy.backoffUnit=5s'], 'policy.backoffUnit: 5s is more than policy.backoffCap, 1s, which is what counts'],
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
      'ingester.complete_block_timeout: a block is cleared locally 9m after its end, or as soon as it is flushed after that, and readers may see it in S3 only after storage.trace.blocklist_poll (5m): one that is flushed later than 4m after its end leaves a gap in which its traces cannot be found, and a single flush may take 5m',
    ],
    [
      [
        'ingester.complete_block_timeout=6m',
        'deployment.disk=6GB',
        'storage.trace.blocklist_poll=1s',
        'policy.attempts=3',
      ],
      "deployment.disk: at the rate limit 5.4GB of blocks wait on an ingester's disk of 6GB for ingester.complete_block_timeout (6m), flushed or not; while S3 is away it is full after 6m40s, and then data is lost: pushes are not refused",
    ],
    [
      ['deployment.replication_factor=3', 'deployment.ingesters=2', 'deployment.disk=100GB'],
      'ingester.lifecycler.ring.replication_factor: 3 replicas do not fit on 2 ingesters: Tempo refuses pushes while fewer than 2 can take them in. How many ingesters there are stands in <name>.deployment.yaml, or --set deployment.ingesters',
    ],
    [
      ['overrides.defaults.ingestion.burst_size_bytes=3000000000'],
      'overrides.defaults.ingestion.burst_size_bytes: 3GB may come in at once, 3GB for each ingester, into memory first (4GiB); as the rate limit, it decides how much there is to write, not how',
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
      'storage.trace.s3.hedge_requests_at',
    ]);
  });

  /** What is said of one setting. */
  function about(setting: string, settings: TempoSettings): string[] {
    return checkSettings(settings)
      .filter((note) => note.setting === setting)
      .map(({ level, message }) => `${level}: ${message}`);
  }

  it('tells what replication does to the bytes, and to a loss', () => {
    const settings = withSetOptions(tempoDefaults(), [...of4361, 'deployment.replication_factor=3']);
    expect(about('ingester.lifecycler.ring.replication_factor', settings)).toEqual([
      "ok: each trace goes to 3 of 30 ingesters: 3 times the bytes are to be flushed, 1.8GB/s in all at the rate limit; the loss of one ingester's block need not be the loss of a trace",
    ]);
    const [rate] = about('overrides.defaults.ingestion.rate_limit_bytes', settings);
    expect(rate).toContain('each of 30 ingesters takes in 60MB/s, cuts a block every 8.7s');
    expect(about('deployment.disk', settings)).toEqual([
      expect.stringMatching(/^warning: at the rate limit 54GB .* it has 30GB/),
    ]);
  });

  it('has no warning of as many replicas as there are ingesters', () => {
    const set = ['deployment.replication_factor=2', 'deployment.ingesters=2'];
    expect(about('ingester.lifecycler.ring.replication_factor', withSetOptions(tempoDefaults(), set))).toEqual([
      expect.stringMatching(/^ok: each trace goes to 2 of 2 ingesters/),
    ]);
  });

  it('names the deadline of a flush only where a flush can be too slow before it', () => {
    const settings = withSetOptions(tempoDefaults(), ['overrides.defaults.ingestion.rate_limit_bytes=1000000']);
    expect(about('overrides.defaults.ingestion.rate_limit_bytes', settings)).toEqual([
      expect.stringMatching(/keep up while each block is copied within 34m57s$/),
    ]);
  });

  it('says nothing of the rate and of the disk where nothing may come in', () => {
    const said = notes('overrides.defaults.ingestion.rate_limit_bytes=0');
    for (const { setting, message } of said) {
      expect(setting).not.toMatch(/rate_limit_bytes|max_traces_per_user|^deployment\.disk$/);
      expect(message).not.toMatch(/Infinity|NaN|292/);
    }
  });

  it('counts from the flush in 2.7, where only a poll that is too slow leaves a gap', () => {
    const settings = tempoDefaults('2.7');
    expect(about('ingester.complete_block_timeout', settings)).toEqual([
      'ok: a block is cleared locally 15m after its flush, when readers have seen it in S3, which takes them storage.trace.blocklist_poll (5m) at most',
    ]);
    settings.other.blocklistPoll = 16 * 60_000;
    expect(about('ingester.complete_block_timeout', settings)).toEqual([
      'warning: a block is cleared locally 15m after its flush, and readers may see it in S3 only after storage.trace.blocklist_poll (16m): until then its traces cannot be found',
    ]);
  });

  it('warns of the flush of Tempo 3 that nothing ends, and names its settings as it does', () => {
    const settings = tempoDefaults('3.0');
    expect(about('policy.flushOpTimeout', settings)).toEqual([
      'warning: no deadline ends a flush: one that hangs holds one of 2 workers until the process is restarted, and 2 of them stop all flushing',
    ]);
    expect(about('live_store.complete_block_timeout', settings)).toEqual([
      'ok: a block that cannot be completed on the local disk is tried 10 times within 17m and then left, and what is in the WAL is deleted 20m after its end, completed or not',
      expect.stringContaining('flushed later than 15m after its end leaves a gap in which its traces cannot be found'),
    ]);
    const named = checkSettings(settings).map(({ setting }) => setting);
    for (const setting of named) expect(setting).not.toMatch(/^(ingester|compactor)/);
    expect(named).toContain('storage.trace.s3.retry_max_attempts');
    for (const { message } of checkSettings(settings)) expect(message).not.toMatch(/Infinity|NaN|292/);
    settings.deployment.replicationFactor = 3;
    expect(about('deployment.replication_factor', settings)).toEqual([
      'warning: Tempo 3 writes each trace once, and has no such setting: the figures here count 3 times what it would flush',
    ]);
  });

  it('counts an answer that never comes as the flush of Tempo 3 that fills a small disk', () => {
    const settings = tempoDefaults('3.0');
    settings.blocks.completeBlockTimeout = 60_000;
    settings.deployment.diskPerIngester = 3e9;
    expect(about('deployment.disk', settings)).toEqual([
      expect.stringMatching(/^warning: at the rate limit 1\.8GB .* while S3 is away it is full after 1m40s/),
    ]);
    settings.deployment.diskPerIngester = 6e9;
    expect(about('deployment.disk', settings)).toEqual([expect.stringMatching(/^ok: .* full after 3m20s/)]);
  });

  it('warns of a block of Tempo 3 that no reader can have seen when it is cleared', () => {
    const settings = tempoDefaults('3.0');
    settings.blocks.completeBlockTimeout = settings.other.blocklistPoll;
    expect(about('live_store.complete_block_timeout', settings)[1]).toMatch(
      /^warning: .* flushed later than 0s after its end leaves a gap in which its traces cannot be found$/,
    );
  });

  it("tells of the SDK's own retries in place of Tempo's", () => {
    const set = ['client.policy=sdk', 'sdk.maxAttempts=5', 'sdk.requestTimeout=5s'];
    const settings = withSetOptions(tempoDefaults(), set);
    expect(about('client.policy', settings)).toEqual([
      "ok: sdk: attempts, waits, timeouts and connections are those of the Node SDK, with maxAttempts 5, requestTimeout 5s, not Tempo's 10 attempts; what is judged is a writer of your own in Node, in real time",
    ]);
    expect(about('policy.attempts', settings)).toEqual([]);
    settings.sdk = {};
    expect(about('client.policy', settings)[0]).toContain('the Node SDK, as it comes, not');
  });

  it('tells what a stop does with and without flush_all_on_shutdown', () => {
    const settings = withSetOptions(tempoDefaults(), ['ingester.flush_all_on_shutdown=true']);
    expect(about('ingester.flush_all_on_shutdown', settings)).toEqual([
      'ok: true: an ingester that stops flushes all that it holds first, a block of up to 500MiB among it, and tries for as long as it is let: give it more than 5m before it is killed. With S3 away it ends with all of that on its disk',
    ]);
  });

  it('takes 0 live traces for any number', () => {
    const settings = withSetOptions(tempoDefaults(), ['overrides.defaults.ingestion.max_traces_per_user=0']);
    expect(about('overrides.defaults.ingestion.max_traces_per_user', settings)).toEqual([
      'ok: 0: any number of live traces, as far as the memory goes; a full disk refuses no push either',
    ]);
  });
});
