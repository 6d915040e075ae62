import { expect, test } from 'vitest';
import { metaJson } from './block-meta.ts';

// The meta.json of a block of a real Tempo 2.9, as quoted in grafana/tempo#6547, less its dedicated columns.
const real =
  '{"format":"vParquet4","blockID":"c726400c-7fde-4e75-b22e-1a162b028762","tenantID":"single-tenant","startTime":"2026-02-24T10:51:17Z","endTime":"2026-02-24T10:54:37Z","totalObjects":8410,"size":477376884,"compactionLevel":0,"encoding":"none","indexPageSize":0,"totalRecords":2,"dataEncoding":"","bloomShards":1,"footerSize":39129}';

test('is byte for byte what Tempo writes for the same block', () => {
  const text = metaJson({
    blockID: 'c726400c-7fde-4e75-b22e-1a162b028762',
    tenantID: 'single-tenant',
    startTime: new Date('2026-02-24T10:51:17.123Z'),
    endTime: new Date('2026-02-24T10:54:37.999Z'),
    totalObjects: 8410,
    size: 477376884,
    totalRecords: 2,
    bloomShards: 1,
  });
  expect(text).toBe(real);
});
