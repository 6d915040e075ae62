/** What the settings of a writer are called in each version of Tempo. */
import type { TempoVersion } from './settings.ts';

export interface WriterKeys {
  flushOpTimeout: string;
  concurrentFlushes: string;
  completeBlockTimeout: string;
  flushCheckPeriod: string;
  traceIdlePeriod: string;
  traceLivePeriod: string;
  maxBlockBytes: string;
  maxBlockDuration: string;
  /** Absent where no key sets it. */
  flushAllOnShutdown?: string;
  attempts: string;
  backoffUnit: string;
  backoffCap: string;
}

/** The path of the key, or `policy.<name>` where that version has none. */
export function writerKeys(version: TempoVersion): WriterKeys {
  if (version === '3.0') {
    return {
      // The key live_store.flush_op_timeout is something else
      flushOpTimeout: 'policy.flushOpTimeout',
      concurrentFlushes: 'live_store.complete_block_concurrency',
      completeBlockTimeout: 'live_store.complete_block_timeout',
      flushCheckPeriod: 'live_store.flush_check_period',
      traceIdlePeriod: 'live_store.max_trace_idle',
      traceLivePeriod: 'live_store.max_trace_live',
      maxBlockBytes: 'live_store.max_block_bytes',
      maxBlockDuration: 'live_store.max_block_duration',
      attempts: 'storage.trace.s3.retry_max_attempts',
      backoffUnit: 'storage.trace.s3.retry_backoff_initial',
      backoffCap: 'storage.trace.s3.retry_backoff_max',
    };
  }
  return {
    flushOpTimeout: 'ingester.flush_op_timeout',
    concurrentFlushes: 'ingester.concurrent_flushes',
    completeBlockTimeout: 'ingester.complete_block_timeout',
    flushCheckPeriod: 'ingester.flush_check_period',
    traceIdlePeriod: 'ingester.trace_idle_period',
    traceLivePeriod: 'ingester.trace_live_period',
    maxBlockBytes: 'ingester.max_block_bytes',
    maxBlockDuration: 'ingester.max_block_duration',
    flushAllOnShutdown: 'ingester.flush_all_on_shutdown',
    attempts: 'policy.attempts',
    backoffUnit: 'policy.backoffUnit',
    backoffCap: 'policy.backoffCap',
  };
}
