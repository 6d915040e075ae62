import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { s3Operations } from '../history/events.ts';
import { readOperations, writeOperations } from './operation-groups.ts';
import { inWords, isAbout, requestMatch, requestParameters } from './request-parameters.ts';

const schema = z.strictObject(requestParameters);

describe('groups of operations', () => {
  it('hold every operation that has a name, once', () => {
    expect([...readOperations, ...writeOperations].sort()).toEqual(
      s3Operations.filter((name) => name !== 'Unknown').sort(),
    );
    expect(readOperations).toContain('HeadObject');
    expect(readOperations).toContain('ListObjectsV2');
    expect(writeOperations).toContain('CompleteMultipartUpload');
    expect(writeOperations).toContain('CopyObject');
  });

  it('stand for their operations, each of them once', () => {
    expect(schema.parse({ operations: ['reads', 'GetObject', 'PutObject'] }).operations).toEqual([
      ...readOperations,
      'PutObject',
    ]);
  });
});

it('all go into the match, and what is absent does not restrict', () => {
  const given = {
    operations: ['PutObject'],
    key: 'meta',
    bucket: '^tempo$',
    probability: 0.5,
    first: 2,
    every: 3,
    window: { from: 2, to: 2 },
  };
  expect(requestMatch(schema.parse(given))).toEqual(given);
  expect(requestMatch(schema.parse({}))).toEqual({});
});

describe('what they are about', () => {
  const put = { operation: 'PutObject', key: 'single-tenant/b/meta.json', bucket: 'tempo' } as const;
  it.each([
    [{}, true],
    [{ operations: ['PutObject'] }, true],
    [{ operations: ['reads'] }, false],
    [{ key: 'meta\\.json$' }, true],
    [{ key: '^meta' }, false],
    [{ bucket: 'temp' }, true],
    [{ bucket: '^other$' }, false],
    [{ operations: ['writes'], key: '^data' }, false],
    [{ probability: 0.1, first: 1, every: 9, window: { from: 5, to: 6 } }, true],
  ])('%j: %s', (given, about) => {
    expect(isAbout(schema.parse(given), put)).toBe(about);
  });

  it('can be told in words', () => {
    expect(inWords(schema.parse({}))).toBe('any request');
    expect(inWords(schema.parse({ operations: ['PutObject', 'UploadPart'], key: 'x', bucket: 'b' }))).toBe(
      'PutObject or UploadPart, key /x/, bucket /b/',
    );
    expect(inWords(schema.parse({ operations: ['writes'] }))).toBe(`${writeOperations.length} operations`);
  });
});

it.each([
  [{ operations: [] }, 'operations'],
  [{ operations: ['putObject'] }, 'operations.0'],
  [{ key: '(' }, 'key'],
  [{ bucket: '[' }, 'bucket'],
  [{ probability: 0 }, 'probability'],
  [{ probability: 1.5 }, 'probability'],
  [{ first: 0 }, 'first'],
  [{ first: 1.5 }, 'first'],
  [{ every: 1 }, 'every'],
  [{ window: { from: 3, to: 2 } }, 'window'],
  [{ window: { from: 0, to: 2 } }, 'window.from'],
  [{ window: { from: 1 } }, 'window.to'],
])('%j is refused', (parameters, path) => {
  const parsed = schema.safeParse(parameters);
  expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
});
