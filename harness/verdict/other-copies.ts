/** Where else the traces of an ingester are that lost some. */
import type { TempoVersion } from '../tempo/settings.ts';

/** A clause for an advice; `undefined` of Tempo 3 as it is modelled (a single binary), which has one copy of a trace. */
export function otherCopies(version: TempoVersion): string | undefined {
  if (version === '3.0') return undefined;
  return 'with replication (ingester.lifecycler.ring.replication_factor: 3) two other ingesters have the same traces';
}
