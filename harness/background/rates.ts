/**
 * What a deployment's queriers and compactors send to S3 beside the writers, and in which proportions. In the config's time:
 *
 * - Each of them polls the blocklist once each `storage.trace.blocklist_poll`. Two compactors build the tenant's index
 *   (`blocklist_poll_tenant_index_builders`): they list the tenant's blocks, read the meta.json of each that is new to them, and write the
 *   index. All others read the index; where there is none yet, they list for themselves. (tempodb/blocklist/poller.go, tempodb/config.go)
 * - Each querier reads `readRate` times a second: of four reads one is a bloom filter, one an index, and two are ranges of a data.parquet, as
 *   looking up a trace by its id goes; a range has the size of Tempo's read buffer. How many queries there are is the deployment's own
 *   matter: a read each two seconds is a deployment that is asked something about once a second in all, by 40 queriers.
 * - Each compactor deletes `deleteRate` objects a second: a job of two blocks each two minutes marks both (which deletes a meta.json) and
 *   clears two older ones, of five objects each: twelve objects. It deletes what it wrote itself, so that there is a small PutObject for each.
 *
 * Compressed, ranges keep their size, as parts do, and there are fewer requests: rates are times `time` over `bytes`, so that the bytes of the
 * reads keep their proportion to those of the writes. Polls follow their period.
 */

/** Reads of each querier, a second. */
export const readRate = 0.5;

/** Deletes of each compactor, a second. */
export const deleteRate = 0.1;

/** Bytes of a range: `tempodb.DefaultReadBufferSize`. */
export const rangeBytes = 1024 * 1024;

/** Compactors that build the tenant's index: `tempodb.DefaultTenantIndexBuilders`. */
export const indexBuilders = 2;

/** A period is so much shorter or longer than it says, each time: what begins together does not stay together. */
export const spreadShare = 0.25;
