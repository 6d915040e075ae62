/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: references in configs */
/** Whatever stands in a file: settings, or a ConfigError, and never a secret in either. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseTempoConfig, type TempoConfig } from './config.ts';
import { ConfigError } from './config-error.ts';

const SECRET = 'wJalrXUtnFEMIsK7MDENGbPxRfiCYEXAMPLEKEY0';
const FROM_ENV = 'AKIA5LQVZ3YBN8W2TRDF';
const env = { SECRET: FROM_ENV, LIMIT: '600000000' };

const config = `# a config with everything in it
storage:
  trace:
    backend: s3
    s3: &s3
      bucket: tempo
      endpoint: "minio:9000"
      access_key: \${SECRET}
      secret_key: ${SECRET}
      part_size: 8388608
      sse: {type: SSE-C, encryption_key: '${SECRET}'}
    pool: {max_workers: 400, queue_depth: 20000}
ingester:
  flush_op_timeout: 5m
  concurrent_flushes: 4
  lifecycler: {ring: {replication_factor: 3}}
overrides:
  defaults:
    ingestion:
      rate_limit_bytes: \${LIMIT:-15000000}
      # access_key: ${SECRET}
other: [*s3, "text", 0x10]
`;

/** The result or the error; anything else that is thrown fails the test. */
function read(text: string, set: string[] = []): TempoConfig | ConfigError {
  try {
    return parseTempoConfig(text, 'tempo.yaml', { env, set });
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

function everythingSaid(result: TempoConfig | ConfigError): string {
  return result instanceof ConfigError ? result.message + JSON.stringify(result.problems) : JSON.stringify(result);
}

const place = fc.nat(config.length);
const piece = fc.oneof(
  fc.constantFrom(
    '\n',
    '  ',
    '\t',
    ': ',
    '- ',
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    '#',
    '&a ',
    '*s3',
    '<<: ',
    '|\n',
    '? ',
    '!',
    '%',
    '${',
    '}',
    '---\n',
    '-5m',
    '1KB',
    '0',
    '\u0000',
  ),
  fc.string({ maxLength: 4, unit: 'binary' }),
);
const mutation = fc.record({ at: place, remove: fc.nat(40), insert: piece });

function mutate(text: string, mutations: { at: number; remove: number; insert: string }[]): string {
  return mutations.reduce(
    (mutated, { at, remove, insert }) => mutated.slice(0, at) + insert + mutated.slice(at + remove),
    text,
  );
}

it('is read as it is', () => {
  const result = read(config);
  expect(result).not.toBeInstanceOf(ConfigError);
  expect((result as TempoConfig).settings.other.rateLimitBytes).toBe(600_000_000);
});

it('reads any text, or refuses it with a ConfigError that has problems', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300, unit: 'binary' }), (text) => {
      const result = read(text);
      if (result instanceof ConfigError) expect(result.problems.length).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});

it('refuses any config that has been damaged with a ConfigError, or reads it; an error never has the secret in it', () => {
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      const result = read(mutate(config, mutations));
      if (!(result instanceof ConfigError)) return;
      const said = everythingSaid(result);
      expect(said).not.toContain(SECRET);
      expect(said).not.toContain(FROM_ENV);
    }),
    { numRuns: 500 },
  );
});

it('never has the secret in settings, copy or warnings, as long as the lines with the secret are whole', () => {
  const lines = config.split('\n');
  const whole = lines.flatMap((line, index) => (line.includes(SECRET) || line.includes('SECRET') ? [] : [index]));
  fc.assert(
    fc.property(
      fc.array(fc.record({ line: fc.constantFrom(...whole), at: fc.nat(30), remove: fc.nat(10), insert: piece }), {
        maxLength: 3,
      }),
      (changes) => {
        const changed = [...lines];
        for (const { line, at, remove, insert } of changes) {
          const text = changed[line] as string;
          changed[line] = text.slice(0, at) + insert + text.slice(at + remove);
        }
        const said = everythingSaid(read(changed.join('\n')));
        expect(said).not.toContain(SECRET);
        expect(said).not.toContain(FROM_ENV);
      },
    ),
    { numRuns: 500 },
  );
});

it('never has the secret in what it says of any --set option', () => {
  const key = fc.constantFrom(
    'storage.trace.s3.secret_key',
    'ingester.flush_op_timeout',
    'policy.attempts',
    'x',
    '',
    SECRET,
    `policy.${SECRET}`,
  );
  const glue = fc.constantFrom('=', '', ' ', '==', ':');
  const value = fc.constantFrom(SECRET, `${SECRET}=1`, `"${SECRET}"`, `\${${SECRET}}`);
  fc.assert(
    fc.property(key, glue, value, (key, glue, value) => {
      expect(everythingSaid(read('server: {}', [key + glue + value]))).not.toContain(SECRET);
    }),
  );
});
