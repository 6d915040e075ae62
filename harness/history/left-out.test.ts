import { expect, test } from 'vitest';
import { LeftOut } from './left-out.ts';

const leftOut = new LeftOut(['edge', 'fault.end', 'flush.end']);
const has = (line: string, before = '') => leftOut.has(Buffer.from(before + line), Buffer.byteLength(before));

test.each([
  '{"t":0,"type":"edge","id":"a"}',
  '{"t":1234567.0625,"type":"edge"}',
  '{"t":-1.5e-7,"type":"flush.end","writer":"a"}',
  '{"t":12,"type":"fault.end"}',
])('a line of one of the types is left out: %s', (line) => {
  expect(has(`${line}\n`)).toBe(true);
  expect(has(`${line}\n`, '{"t":1,"type":"attempt"}\n')).toBe(true);
});

test.each([
  '{"t":0,"type":"attempt","of":"edge"}',
  '{"t":0,"type":"edges"}',
  '{"t":0,"type":"flush.start","x":",\\"type\\":\\"flush.end\\""}',
  '{"t":0,"type":"ed',
  '{"t":0,',
  '{"t":0}',
  '{}',
  '',
  // Not as this tool writes an event: what it is, parsing tells.
  '{"type":"edge","t":0}',
  '{"t":0, "type":"edge"}',
  '{"t":0,"id":"a","type":"edge"}',
  `{"t":${'1'.repeat(40)},"type":"edge"}`,
])('any other is not: %s', (line) => {
  expect(has(line)).toBe(false);
  expect(has(`${line}\n{"t":0,"type":"edge"}\n`)).toBe(false);
});
