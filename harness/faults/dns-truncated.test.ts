import { describe, expect, it } from 'vitest';
import { dnsTruncated } from './dns-truncated.ts';
import { effectOf } from './example-effect.ts';
import { connect, query } from './example-look-up.ts';

const rule = '1-dns-truncated';
const cut = (t: number) => query(t, { answer: 'TRUNCATED', rule });
const overTcp = (t: number) => query(t, { transport: 'tcp' });
const answers = dnsTruncated.parameters.parse({});
const silent = dnsTruncated.parameters.parse({ tcp: 'silent' });

describe('the effect', () => {
  it('is seen by connects that got the address over TCP', () => {
    const happened = [
      [cut(1101), overTcp(1103), connect(1100, 5)],
      [query(1501), connect(1500, 5)],
    ];
    expect(effectOf('dns-truncated', answers, happened)).toEqual({
      seen: true,
      message: '1 query was affected, and 1 of 2 connects got the address over TCP',
    });
  });

  it('is seen by connects that failed, when TCP is silent', () => {
    const happened = [
      [cut(1101), query(1103, { transport: 'tcp', answer: 'none', rule }), connect(1100, 50, { failure: 'dns' })],
    ];
    expect(effectOf('dns-truncated', silent, happened)).toEqual({
      seen: true,
      message: '2 queries were affected, and 1 of 1 connect asked over TCP, and failed',
    });
  });

  it.each([
    ['nobody asked over TCP', answers, [cut(1101), connect(1100, 5)]],
    ['nothing was cut', answers, [query(1101), overTcp(1103), connect(1100, 5)]],
    ['the look-up failed', answers, [cut(1101), overTcp(1103), connect(1100, 5, { failure: 'dns' as const })]],
    ['TCP was to be silent, and it went well', silent, [cut(1101), overTcp(1103), connect(1100, 5)]],
    ['it failed without TCP', silent, [cut(1101), connect(1100, 5, { failure: 'dns' as const })]],
  ])('is not seen when %s', (_, parameters, happened) => {
    expect(effectOf('dns-truncated', parameters, [happened], { end: { fired: 7 } }).seen).toBe(false);
  });
});

it.each([{ tcp: 'refused' }, { connections: 'close' }])('%j is refused', (parameters) => {
  expect(dnsTruncated.parameters.safeParse(parameters).success).toBe(false);
});
