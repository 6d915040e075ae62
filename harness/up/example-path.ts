/** A path and a fault for tests of what is told about them. */
import type { FaultReport, PathReport } from './protocol.ts';

export function examplePath(changed: Partial<PathReport> = {}): PathReport {
  return {
    format: 1,
    id: '00000a',
    upSince: '2026-01-01T00:00:00.000Z',
    environment: 'native',
    endpoint: { url: 'http://up.s3.chaos.test:4711', host: 'up.s3.chaos.test', port: 4711, secure: false },
    byAddress: { url: 'http://127.0.0.1:4711', host: '127.0.0.1', port: 4711 },
    dnsServer: { host: '127.0.0.1', port: 4712 },
    bucket: 'tempo',
    region: 'us-east-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    caFile: null,
    ...changed,
  };
}

/** The same over TLS. */
export function exampleSecurePath(): PathReport {
  const { endpoint, byAddress } = examplePath();
  return examplePath({
    endpoint: { ...endpoint, url: 'https://up.s3.chaos.test:4711', secure: true },
    byAddress: { ...byAddress, url: 'https://127.0.0.1:4711' },
    caFile: '/tmp/state folder/ca.pem',
  });
}

export function exampleFault(changed: Partial<FaultReport> = {}): FaultReport {
  return {
    id: '1-s3-error',
    fault: 's3-error',
    with: { code: 'SlowDown', probability: 0.5 },
    state: 'in-force',
    since: '2026-01-01T00:01:00.000Z',
    healsAt: null,
    healedAt: null,
    evidence: { fired: 12, unit: 'requests', measured: { considered: 40 } },
    error: null,
    ...changed,
  };
}
