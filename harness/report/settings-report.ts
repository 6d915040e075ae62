/** What a config says of its writes to S3: each setting that reaches them, what it can bear, and what to look at. */

import { formatByteSize, formatRate } from '../tempo/byte-size.ts';
import type { SettingNote } from '../tempo/check-settings.ts';
import type { TempoConfig } from '../tempo/config.ts';
import { tempoDefaults } from '../tempo/defaults.ts';
import type { TempoSettings } from '../tempo/settings.ts';
import { configTime, count } from './figures.ts';
import { grid } from './grid.ts';
import type { Paint } from './paint.ts';
import { printable, wrap } from './wrap.ts';

/** What `check --json` prints. */
export interface ConfigCheck {
  format: 1;
  file: string;
  settings: { setting: string; value: string; default: string }[];
  notes: SettingNote[];
  warnings: string[];
}

const rows: [setting: string, value: (settings: TempoSettings) => string][] = [
  ['storage.trace.s3.part_size', ({ s3 }) => formatByteSize(s3.partSize)],
  ['storage.trace.s3.insecure', ({ s3 }) => String(s3.insecure)],
  ['storage.trace.s3.forcepathstyle', ({ s3 }) => String(s3.forcePathStyle)],
  ['storage.trace.s3.retry_max_attempts', ({ policy }) => String(policy.attempts)],
  ['storage.trace.s3.retry_backoff_initial', ({ policy }) => configTime(policy.backoffUnit)],
  ['storage.trace.s3.retry_backoff_max', ({ policy }) => configTime(policy.backoffCap)],
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
  ['policy.dnsSearch', ({ policy }) => policy.dnsSearch.join(', ') || 'none'],
  ['policy.dnsCache', ({ policy }) => String(policy.dnsCache)],
  ['ingester.concurrent_flushes', ({ policy }) => String(policy.concurrentFlushes)],
  ['ingester.flush_op_timeout', ({ policy }) => configTime(policy.flushOpTimeout)],
  ['policy.flushRetryDelays', ({ policy }) => policy.flushRetryDelays.map(configTime).join(', ')],
  ['policy.flushRetries', ({ policy }) => String(policy.flushRetries)],
  ['ingester.max_block_bytes', ({ blocks }) => formatByteSize(blocks.maxBlockBytes)],
  ['ingester.max_block_duration', ({ blocks }) => configTime(blocks.maxBlockDuration)],
  ['ingester.complete_block_timeout', ({ blocks }) => configTime(blocks.completeBlockTimeout)],
  ['ingester.flush_all_on_shutdown', ({ blocks }) => String(blocks.flushAllOnShutdown)],
  ['overrides.defaults.ingestion.rate_limit_bytes', ({ other }) => formatRate(other.rateLimitBytes)],
  ['deployment.ingesters', ({ deployment }) => String(deployment.ingesters)],
  ['deployment.disk', ({ deployment }) => formatByteSize(deployment.diskPerIngester)],
];

export function configCheck(file: string, { settings, warnings }: TempoConfig, notes: SettingNote[]): ConfigCheck {
  const defaults = tempoDefaults();
  return {
    format: 1,
    file,
    settings: rows.map(([setting, value]) => ({ setting, value: value(settings), default: value(defaults) })),
    notes,
    warnings,
  };
}

/** `width` is that of the terminal, in columns. */
export function settingsReport({ file, settings, notes, warnings }: ConfigCheck, width: number, paint: Paint): string {
  const table = grid(
    [{ head: 'reaches the write path' }, { head: 'value' }, { head: "Tempo's default" }],
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
    printable(file),
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
      ? `${paint('yellow', count(alarms, 'warning'))}: try it with \`tempo-s3-chaos run --config ${printable(file)}\``
      : 'no warnings',
  ];
  return `${parts.join('\n\n')}\n`;
}
