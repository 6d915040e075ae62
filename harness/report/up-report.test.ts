import { expect, it } from 'vitest';
import { examplePath, exampleSecurePath } from '../up/example-path.ts';
import { plain } from './paint.ts';
import { upReport, upText } from './up-report.ts';

const control = { url: 'http://127.0.0.1:4713', token: 'hunter2', file: '/state/up/00000a.json' };

it('tells where S3 is, by address and by name, and what faults of DNS need', () => {
  const text = upText(upReport(examplePath(), control), plain);
  expect(text.split('\n').slice(0, 8)).toEqual([
    'up 00000a: a path to S3 (native), with no fault on it',
    '  endpoint     http://127.0.0.1:4711  by address, for any client',
    '               http://up.s3.chaos.test:4711  by name, for one that can be pointed at the DNS server',
    '  DNS server   127.0.0.1:4712  over UDP and TCP; faults of DNS reach only clients that ask it',
    '  bucket       tempo  in us-east-1',
    '  access key   key',
    '  secret key   secret',
    '  control API  http://127.0.0.1:4713  docs/control-api.yaml; its token is in /state/up/00000a.json',
  ]);
  for (const title of ['AWS CLI', 'minio-go', 'minio-go, by name', 'Tempo', 'from another terminal']) {
    expect(text).toContain(`\n${title}\n  `);
  }
  expect(text).not.toContain('authority');
  // It is in the file, for those who may read that.
  expect(text).not.toContain('hunter2');
  expect(text).toContain('\n  \tCreds:');
});

it('names the certificate to trust', () => {
  const text = upText(upReport(exampleSecurePath(), control), plain);
  expect(text).toContain('  authority    /tmp/state folder/ca.pem  the certificate to trust\n');
});

it('has all of it in JSON, the token too', () => {
  expect(upReport(examplePath(), control)).toMatchObject({
    id: '00000a',
    control,
    snippets: { tempo: expect.any(String) },
  });
});
