/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: references in configs */
import { describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.ts';
import { isSecretKey, redactYaml } from './redact.ts';

describe('isSecretKey', () => {
  it.each([
    'access_key',
    'secret_key',
    'session_token',
    'encryption_key',
    'sse',
    'tls_key_path',
    'sasl_password',
    'acl_token',
    'storage_account_key',
    'key',
    'headers',
    'remote_write_headers',
    'Authorization',
    'basic_auth',
    'client_secret',
  ])('hides %s', (name) => {
    expect(isSecretKey(name)).toBe(true);
  });

  it.each([
    'bucket',
    'num_tokens',
    'override_ring_key',
    'tls_cert_path',
    'log_request_headers',
    'tokens_file_path',
    'region',
  ])('shows %s', (name) => {
    expect(isSecretKey(name)).toBe(false);
  });
});

describe('redactYaml', () => {
  it('replaces secrets, and keeps comments, order, quotes and line ends', () => {
    const text = [
      '# the config of today',
      'storage:',
      '  trace:',
      '    s3:',
      '      bucket: "tempo"   # ours',
      '      access_key: AKIAIOSFODNN7EXAMPLE # from vault',
      "      secret_key: 'wJalrXUtnFEMI/K7MDENG'",
      '      session_token: ${TOKEN}',
      '      sse: {type: SSE-C, encryption_key: "abcdefghijkl"}',
      'server:',
      '  http_tls_config:',
      '    key: |',
      '      -----BEGIN PRIVATE KEY-----',
      '      MIIEvQIBADANBgkq',
      '    cert_file: /etc/cert',
      '',
    ].join('\r\n');
    expect(redactYaml(text, { TOKEN: 'tttttttttt' })).toBe(
      [
        '# the config of today',
        'storage:',
        '  trace:',
        '    s3:',
        '      bucket: "tempo"   # ours',
        '      access_key: <redacted> # from vault',
        '      secret_key: <redacted>',
        '      session_token: <redacted>',
        '      sse: {type: <redacted>, encryption_key: <redacted>}',
        'server:',
        '  http_tls_config:',
        '    key: <redacted>\n    cert_file: /etc/cert',
        '',
      ].join('\r\n'),
    );
  });

  it('redacts what an alias of a secret stands for, and merged secrets', () => {
    const text =
      'x-value: &s wJalrXUtnFEMI\nx-creds: &c {access_key: AKIAIOSFODNN7}\nstorage: {trace: {s3: {<<: *c, secret_key: *s}}}\n';
    expect(redactYaml(text, {})).toBe(
      'x-value: &s <redacted>\nx-creds: &c {access_key: <redacted>}\nstorage: {trace: {s3: {<<: *c, secret_key: *s}}}\n',
    );
  });

  it('redacts the same secret elsewhere, in a URL or in a comment, but not as a part of a word', () => {
    const text =
      'secret_key: correcthorse\nurl: http://me:correcthorse@host # was correcthorse\nword: incorrecthorse correcthorses\n';
    expect(redactYaml(text, {})).toBe(
      'secret_key: <redacted>\nurl: http://me:<redacted>@host # was <redacted>\nword: incorrecthorse correcthorses\n',
    );
  });

  it('redacts a key that was commented out', () => {
    expect(redactYaml('a: 1\n#  secret_key: OLD # until May\n  # token=abc\n# just a secret place\n', {})).toBe(
      'a: 1\n#  secret_key: <redacted>\n  # token=<redacted>\n# just a secret place\n',
    );
  });

  it('redacts a default and a value out of the environment', () => {
    const text = 'secret_key: ${KEY:-fallbacksecret}\nother: ${OTHER:-fallbacksecret}\nlater: ${KEY2}\n';
    const redacted = redactYaml(text, { KEY2: 'x' });
    expect(redacted).toBe('secret_key: <redacted>\nother: ${OTHER:-<redacted>}\nlater: ${KEY2}\n');
  });

  it('redacts once what two secrets share', () => {
    expect(redactYaml('x: &v abcdefghij\ny: {secret_key: *v, access_key: *v}\n', {})).toBe(
      'x: &v <redacted>\ny: {secret_key: *v, access_key: *v}\n',
    );
  });

  it('redacts in a mapping that is a key', () => {
    expect(redactYaml('? {secret_key: abcdefghij}\n: 1\n', {})).toBe('? {secret_key: <redacted>}\n: 1\n');
  });

  it('does not guess in what is no YAML', () => {
    expect(() => redactYaml('secret_key: "abc', {})).toThrow(ConfigError);
  });
});
