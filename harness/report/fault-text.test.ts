import { expect, it } from 'vitest';
import { z } from 'zod';
import { faults } from '../faults/catalogue.ts';
import { positiveDuration } from '../faults/parameters.ts';
import { faultText, type ShownFault } from './fault-text.ts';
import { plain } from './paint.ts';

const fault: ShownFault = {
  name: 'latency',
  about: 'Every byte arrives later.',
  details: 'Toxiproxy delays\neach chunk.\n\nIts evidence: the time.',
  place: 'network',
  parameters: z.strictObject({
    latency: positiveDuration().describe('how much later'),
    code: z
      .enum(Array.from({ length: 40 }, (_, index) => `C${index}`) as [string, ...string[]])
      .default('C3')
      .describe('which'),
  }),
  example: { latency: '500ms' },
};

it('shows what the page of a fault has, for a terminal', () => {
  expect(faultText(fault, 80, plain)).toBe(
    `latency (network)
Every byte arrives later.

parameters
  latency  how much later
           duration, like 500ms; required
  code     which
           one of C0, C1, C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12, C13,
           C14, C15, C16, C17, C18, C19, C20, C21, C22, C23 and 16 more; C3
           unless given

example
  in a timeline: {"latency":"500ms"}
  by hand: tempo-s3-chaos inject latency --latency 500ms

composes with itself and with every other fault; its page is
docs/faults/latency.md

Toxiproxy delays each chunk.

Its evidence: the time.
`,
  );
});

it('tells what it needs, what it touches, and when it cannot be injected by hand', () => {
  const text = faultText({ ...fault, needs: ['tls', 'writers'], touches: 'the handshake' }, 200, plain);
  expect(text).toContain('needs a path that speaks TLS');
  expect(text).toContain('needs block writers of ours');
  expect(text).toContain('decides the handshake: only one fault that does can be in force at once');
  expect(text).not.toContain('by hand');
});

it.each(faults.map((one) => [one.name, one] as const))('%s can be shown', (name, one) => {
  expect(faultText(one, 100, plain)).toContain(`${name} (${one.place})`);
});
