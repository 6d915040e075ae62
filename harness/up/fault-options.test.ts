import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { faults } from '../faults/catalogue.ts';
import { byteSize, duration, probability } from '../faults/parameters.ts';
import { faultOptions, injectCommand, ownOptions, readOption } from './fault-options.ts';

const parameters = z.strictObject({
  retryAfter: z.int().optional(),
  for: duration().optional(),
  tcp: z.boolean().optional(),
  operations: z.array(z.enum(['PutObject', 'UploadPart'])).optional(),
  parts: z.array(z.int()).optional(),
  window: z.strictObject({ from: z.int(), to: z.int() }).optional(),
  probability: probability().optional(),
  size: byteSize().optional(),
  key: z.string().optional(),
  after: z.union([z.int(), z.literal('never')]).optional(),
});
const fault = { name: 'example', parameters };

it('is named as command lines name options, and never as one of inject itself', () => {
  expect(faultOptions(fault).map(({ flag }) => flag)).toEqual(
    '--retry-after --with-for --tcp --operations --parts --window --probability --size --key --after'.split(' '),
  );
});

describe('a value', () => {
  const read = (name: string, text: string) => {
    const option = faultOptions(fault).find(({ parameter }) => parameter.name === name);
    return readOption(text, option?.parameter.schema ?? {});
  };

  it.each([
    ['retryAfter', '2', 2],
    ['retryAfter', '-1', -1],
    ['retryAfter', 'soon', 'soon'],
    ['retryAfter', '', ''],
    ['tcp', 'true', true],
    ['tcp', 'maybe', 'maybe'],
    ['operations', 'PutObject,UploadPart', ['PutObject', 'UploadPart']],
    ['operations', ' PutObject , ', ['PutObject']],
    ['operations', '["UploadPart"]', ['UploadPart']],
    ['parts', '1,2', [1, 2]],
    ['window', '{"from": 1, "to": 2}', { from: 1, to: 2 }],
    ['window', '1-2', '1-2'],
    ['probability', '0.5', 0.5],
    ['size', '0', '0'],
    ['size', '16MiB', '16MiB'],
    ['key', '5', '5'],
    ['key', '[a,b]', '[a,b]'],
    ['after', '3', 3],
    ['after', 'never', 'never'],
  ])('of %s, %j, is %j', (name, text, value) => {
    expect(read(name, text)).toEqual(value);
  });
});

it('is quoted for a shell where that is needed, and not elsewhere', () => {
  const key = `it's (a|b) "$HOME" *`;
  const command = injectCommand(fault, {
    key,
    tcp: true,
    operations: ['PutObject', 'UploadPart'],
    size: '16MiB',
    window: { from: 1, to: 2 },
  });
  expect(command).toMatch(
    /^tempo-s3-chaos inject example --tcp --operations PutObject,UploadPart --window '\{"from":1,"to":2\}' --size 16MiB --key '/,
  );
  const printed = execFileSync('sh', ['-c', `printf '%s|' ${command}`], { encoding: 'utf8' });
  expect(printed.endsWith(`|--key|${key}|`)).toBe(true);
});

describe.each(faults.map((one) => [one.name, one] as const))('%s', (_, one) => {
  it('has an option of its own for every parameter', () => {
    const flags = faultOptions(one).map(({ flag }) => flag);
    expect(new Set([...flags, ...ownOptions.map((own) => `--${own}`)]).size).toBe(flags.length + ownOptions.length);
    for (const flag of flags) expect(flag).toMatch(/^--[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  it('comes out of its command line as it went in, through a shell', () => {
    for (const given of [
      one.example,
      ...one.demonstrations.flatMap(({ timeline }) =>
        timeline.flatMap((entry) => (entry.fault === undefined ? [entry.with ?? {}] : [])),
      ),
    ]) {
      const command = injectCommand(one, given as Record<string, unknown>);
      const printed = execFileSync('sh', ['-c', `printf '%s\\n' ${command.replace('tempo-s3-chaos ', '')}`], {
        encoding: 'utf8',
      });
      const words = printed.split('\n').slice(2, -1);
      const read: Record<string, unknown> = {};
      for (const { flag, parameter } of faultOptions(one)) {
        const at = words.indexOf(flag);
        if (at < 0) continue;
        const value = words[at + 1];
        read[parameter.name] =
          value === undefined || value.startsWith('--') ? true : readOption(value, parameter.schema);
      }
      expect(one.parameters.parse(read)).toEqual(one.parameters.parse(given));
    }
  });
});
