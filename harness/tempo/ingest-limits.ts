/** Tempo's ingestion limits, as one ingester feels them. */
import type { TempoSettings } from './settings.ts';

export interface IngestLimits {
  bytesPerSecond: number;
  burstBytes: number;
  /** 0: any number. */
  liveTraces: number;
}

/**
 * One ingester's share. The rate and the burst are limits of the distributors, for all of a tenant's data: what passes them goes to
 * `replicationFactor` of the ingesters, evenly. `max_traces_per_user` is a limit of each ingester.
 */
export function ingestLimits({ other, deployment }: Pick<TempoSettings, 'other' | 'deployment'>): IngestLimits {
  const share = Math.min(1, deployment.replicationFactor / deployment.ingesters);
  return {
    bytesPerSecond: other.rateLimitBytes * share,
    burstBytes: other.burstSizeBytes * share,
    liveTraces: other.maxTracesPerUser,
  };
}
