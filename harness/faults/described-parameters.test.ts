import { expect, it } from 'vitest';
import { z } from 'zod';
import { faults } from './catalogue.ts';
import { describedParameters, jsonSchemaOf } from './described-parameters.ts';
import { byteSize, duration, positiveDuration, probability, rate } from './parameters.ts';

const parameters = z.strictObject({
  latency: positiveDuration().describe('how much later'),
  pause: duration().default(90_000).describe('between two of them'),
  cap: rate().default(1_048_576).describe('for all connections'),
  room: byteSize().optional().describe('on the disk'),
  direction: z.enum(['up', 'down']).default('up').describe('which way'),
  operations: z
    .array(z.enum(['PutObject', 'UploadPart']))
    .nonempty()
    .optional()
    .describe('which requests'),
  chance: probability().optional().describe('of each attempt'),
  first: z.int().min(1).optional().describe('only so many'),
  status: z.int().min(300).max(599).optional().describe('of the answer'),
  window: z
    .strictObject({ from: z.int().min(1), to: z.int().min(1).optional() })
    .optional()
    .describe('from one to another'),
  tcp: z.boolean().default(false).describe('over TCP too'),
  after: z.union([z.literal('never'), duration()]).describe('when it ends'),
  key: z.string().optional().describe('a regular expression'),
});

it('describes each parameter as a `with:` takes it', () => {
  expect(
    describedParameters({ parameters }).map(({ name, type, about, required, fallback }) => [
      name,
      type,
      about,
      required ? 'required' : fallback,
    ]),
  ).toEqual([
    ['latency', 'duration, like 500ms', 'how much later', 'required'],
    ['pause', 'duration, like 500ms', 'between two of them', '1m30s'],
    ['cap', 'rate, like 1MiB/s', 'for all connections', '1MiB/s'],
    ['room', 'size, like 16MiB', 'on the disk', undefined],
    ['direction', 'one of up, down', 'which way', 'up'],
    ['operations', 'list: PutObject, UploadPart', 'which requests', undefined],
    ['chance', 'number over 0, up to 1', 'of each attempt', undefined],
    ['first', 'whole number from 1', 'only so many', undefined],
    ['status', 'whole number from 300 to 599', 'of the answer', undefined],
    ['window', '{ from: whole number from 1; to?: whole number from 1 }', 'from one to another', undefined],
    ['tcp', 'true or false', 'over TCP too', false],
    ['after', 'never; or duration, like 500ms', 'when it ends', 'required'],
    ['key', 'text', 'a regular expression', undefined],
  ]);
});

it.each(faults.map((fault) => [fault.name, fault] as const))('%s: every default is one that it takes', (_, fault) => {
  const defaults = Object.fromEntries(
    describedParameters(fault).flatMap(({ name, fallback }) => (fallback === undefined ? [] : [[name, fallback]])),
  );
  const given = { ...(fault.example as Record<string, unknown>) };
  const parsed = fault.parameters.parse({ ...defaults, ...given });
  expect(parsed).toEqual(fault.parameters.parse(given));
});

it('has no bound at which JavaScript merely stops counting', () => {
  expect(JSON.stringify(jsonSchemaOf(parameters))).not.toContain(String(Number.MAX_SAFE_INTEGER));
});
