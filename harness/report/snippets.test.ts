import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parseTempoConfig } from '../tempo/config.ts';
import { examplePath, exampleSecurePath } from '../up/example-path.ts';
import { snippetsFor } from './snippets.ts';

describe.each([
  ['plain HTTP', examplePath(), true],
  ['TLS', exampleSecurePath(), false],
] as const)('over %s', (_, path, insecure) => {
  const snippets = snippetsFor(path);

  it('has a config that Tempo, as it is read here, takes', () => {
    const { settings, warnings } = parseTempoConfig(snippets.tempo, 'tempo.yaml', { env: {} });
    expect(warnings).toEqual([]);
    expect(settings.s3).toMatchObject({
      bucket: 'tempo',
      endpoint: '127.0.0.1:4711',
      region: 'us-east-1',
      insecure,
      forcePathStyle: true,
    });
    expect(snippets.tempo).toContain('access_key: key\n');
    expect(snippets.tempo).toContain('secret_key: secret\n');
    expect(snippets.tempo.includes('tls_ca_path: "/tmp/state folder/ca.pem"')).toBe(!insecure);
  });

  it('has commands that a shell takes', () => {
    const script = `aws() { printf '%s,' "$@" $AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY $AWS_REGION $AWS_ENDPOINT_URL_S3 "$AWS_CA_BUNDLE"; }\n${snippets.awsCli}`;
    expect(execFileSync('sh', ['-c', script], { encoding: 'utf8', env: {} })).toBe(
      `s3,cp,FILE,s3://tempo/,key,secret,us-east-1,${path.byAddress.url},${path.caFile ?? ''},`,
    );
  });

  it('has Go for minio-go, by address and by name', () => {
    for (const go of [snippets.minioGo, snippets.minioGoByName]) {
      expect(go).toContain(`Secure: ${!insecure},`);
      expect(go).toContain('credentials.NewStaticV4("key", "secret", "")');
      expect(go.includes('SSL_CERT_FILE=')).toBe(!insecure);
    }
    expect(snippets.minioGo).toContain('minio.New("127.0.0.1:4711"');
    expect(snippets.minioGoByName).toContain('minio.New("up.s3.chaos.test:4711"');
    expect(snippets.minioGoByName).toContain('"127.0.0.1:4712"');
    expect(snippets.minioGoByName).toContain(`minio.DefaultTransport(${!insecure})`);
  });
});
