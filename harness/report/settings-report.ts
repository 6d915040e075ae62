/** What a config says of its writes to S3: each setting that reaches them, what it can bear, and what to look at. */

import { formatByteSize, formatRate } from '../tempo/byte-size.ts';
import type { TempoConfig } from '../tempo/config.ts';
import { tempoDefaults, USUAL_VERSION } from '../tempo/defaults.ts';
import type { SettingNote } from '../tempo/setting-note.ts';
import type { PolicyName, TempoSettings, TempoVersion } from '../tempo/settings.ts';
import { type WriterKeys, writerKeys } from '../tempo/writer-keys.ts';
import { configTime, count } from './figures.ts';
import { grid } from './grid.ts';
import type { Paint } from './paint.ts';
import { printable, wrap } from './wrap.ts';

/** What `check --json` prints. */
export interface ConfigCheck {
  format: 1;
  file: string;
  /** Of Tempo, as which the config was read. */
  version: TempoVersion;
  policy: PolicyName;
  settings: { setting: string; value: string; default: string }[];
  notes: SettingNote[];
  warnings: string[];
}

type Row = [setting: string, value: (settings: TempoSettings) => string];

/** In the order of a write's way. */
function rowsOf(keys: WriterKeys): Row[] {
  const none = 'none';
  const bySdk = 'as the SDK does';
  return [
    ['client.policy', ({ client }) => client],
    ['sdk.maxAttempts', ({ sdk }) => String(sdk.maxAttempts ?? bySdk)],
    ['sdk.retryMode', ({ sdk }) => sdk.retryMode ?? bySdk],
    ['sdk.connectionTimeout', ({ sdk }) => optionalTime(sdk.connectionTimeout, bySdk)],
    ['sdk.requestTimeout', ({ sdk }) => optionalTime(sdk.requestTimeout, bySdk)],
    ['sdk.maxSockets', ({ sdk }) => String(sdk.maxSockets ?? bySdk)],
    ['storage.trace.s3.part_size', ({ s3 }) => formatByteSize(s3.partSize)],
    ['storage.trace.s3.insecure', ({ s3 }) => String(s3.insecure)],
    ['storage.trace.s3.forcepathstyle', ({ s3 }) => String(s3.forcePathStyle)],
    [keys.attempts, ({ policy }) => String(policy.attempts)],
    [keys.backoffUnit, ({ policy }) => configTime(policy.backoffUnit)],
    [keys.backoffCap, ({ policy }) => configTime(policy.backoffCap)],
    ['policy.dialTimeout', ({ policy }) => configTime(policy.dialTimeout)],
    ['policy.tlsHandshakeTimeout', ({ policy }) => configTime(policy.tlsHandshakeTimeout)],
    ['policy.responseHeaderTimeout', ({ policy }) => configTime(policy.responseHeaderTimeout)],
    ['policy.idleConnectionTimeout', ({ policy }) => configTime(policy.idleConnectionTimeout)],
    ['policy.maxIdleConnections', ({ policy }) => String(policy.maxIdleConnections)],
    [
      'policy.maxConnections',
      ({ policy }) => (policy.maxConnections === 0 ? 'any number' : String(policy.maxConnections)),
    ],
    ['policy.keepAlive', ({ policy }) => String(policy.keepAlive)],
    ['policy.partsInFlight', ({ policy }) => String(policy.partsInFlight)],
    ['policy.resolver', ({ policy }) => policy.resolver],
    ['policy.dnsTimeout', ({ policy }) => `${policy.dnsAttempts} x ${configTime(policy.dnsTimeout)}`],
    [
      'policy.nodeDnsTimeout',
      ({ policy }) => `${policy.nodeDnsAttempts} x ${configTime(policy.nodeDnsTimeout)}, growing`,
    ],
    ['policy.dnsNdots', ({ policy }) => String(policy.dnsNdots)],
    ['policy.dnsSearch', ({ policy }) => policy.dnsSearch.join(', ') || none],
    ['policy.dnsCache', ({ policy }) => String(policy.dnsCache)],
    [keys.concurrentFlushes, ({ policy }) => String(policy.concurrentFlushes)],
    [keys.flushOpTimeout, ({ policy }) => optionalTime(policy.flushOpTimeout || undefined, none)],
    ['policy.flushRetryDelays', ({ policy }) => policy.flushRetryDelays.map(configTime).join(', ')],
    ['policy.flushRetries', ({ policy }) => String(policy.flushRetries)],
    ['policy.completeAttempts', ({ policy }) => String(policy.completeAttempts)],
    ['policy.completeRetryDelays', ({ policy }) => policy.completeRetryDelays.map(configTime).join(', ')],
    [keys.flushCheckPeriod, ({ policy }) => configTime(policy.flushCheckPeriod)],
    [keys.traceIdlePeriod, ({ blocks }) => configTime(blocks.traceIdlePeriod)],
    [keys.traceLivePeriod, ({ blocks }) => configTime(blocks.traceLivePeriod)],
    [keys.maxBlockBytes, ({ blocks }) => formatByteSize(blocks.maxBlockBytes)],
    [keys.maxBlockDuration, ({ blocks }) => configTime(blocks.maxBlockDuration)],
    [keys.completeBlockTimeout, ({ blocks }) => configTime(blocks.completeBlockTimeout)],
    ...(keys.flushAllOnShutdown
      ? [[keys.flushAllOnShutdown, ({ blocks }) => String(blocks.flushAllOnShutdown)] satisfies Row]
      : []),
    ['storage.trace.blocklist_poll', ({ other }) => configTime(other.blocklistPoll)],
    ['overrides.defaults.ingestion.rate_limit_bytes', ({ other }) => formatRate(other.rateLimitBytes)],
    ['overrides.defaults.ingestion.burst_size_bytes', ({ other }) => formatByteSize(other.burstSizeBytes)],
    [
      'overrides.defaults.ingestion.max_traces_per_user',
      ({ other }) => (other.maxTracesPerUser === 0 ? 'any number' : String(other.maxTracesPerUser)),
    ],
    ['deployment.ingesters', ({ deployment }) => String(deployment.ingesters)],
    ['deployment.replication_factor', ({ deployment }) => String(deployment.replicationFactor)],
    ['deployment.memory', ({ deployment }) => formatByteSize(deployment.memoryPerIngester)],
    ['deployment.disk', ({ deployment }) => formatByteSize(deployment.diskPerIngester)],
  ];
}

/** What the other policy alone would heed is left out. */
function heeded({ client }: TempoSettings, setting: string): boolean {
  return client === 'sdk' || !setting.startsWith('sdk.');
}

function optionalTime(ms: number | undefined, absent: string): string {
  return ms === undefined ? absent : configTime(ms);
}

export function configCheck(file: string, { settings, warnings }: TempoConfig, notes: SettingNote[]): ConfigCheck {
  const defaults = tempoDefaults(settings.version);
  return {
    format: 1,
    file,
    version: settings.version,
    policy: settings.client,
    settings: rowsOf(writerKeys(settings.version))
      .filter(([setting]) => heeded(settings, setting))
      .map(([setting, value]) => ({ setting, value: value(settings), default: value(defaults) })),
    notes,
    warnings,
  };
}

/** `width` is that of the terminal, in columns. */
export function settingsReport(check: ConfigCheck, width: number, paint: Paint): string {
  const { file, version, settings, notes, warnings } = check;
  const table = grid(
    [{ head: 'reaches the write path' }, { head: 'value' }, { head: `default of ${version}` }],
    settings.map(({ setting, value, default: usual }) =>
      value === usual ? [setting, value, 'the same'] : [setting, paint('bold', value), usual],
    ),
    (head) => paint('dim', head),
  );
  const note = ({ level, setting, message }: SettingNote) => {
    const head = level === 'warning' ? `${paint('yellow', 'warning')}  ${setting}` : `ok       ${setting}`;
    return `${head}\n${wrap(message, width, '    ')}`;
  };
  const alarms = notes.filter(({ level }) => level === 'warning').length + warnings.length;
  const parts = [
    `${printable(file)}, as Tempo ${version} reads it`,
    table,
    notes.map(note).join('\n'),
    ...(warnings.length > 0
      ? [
          warnings
            .map((warning) => `${paint('yellow', 'warning')}  ${wrap(warning, width, '    ').trimStart()}`)
            .join('\n'),
        ]
      : []),
    alarms > 0
      ? `${paint('yellow', count(alarms, 'warning'))}: try it with \`tempo-s3-chaos run --config ${printable(file)}${version === USUAL_VERSION ? '' : ` --tempo-version ${version}`}\``
      : 'no warnings',
  ];
  return `${parts.join('\n\n')}\n`;
}
