import { expect, it } from 'vitest';
import { exampleResult } from './example-run.ts';
import { proportions } from './proportions.ts';

const compressed = (time: number, bytes: number) => exampleResult({ compression: { time, bytes } });

it('says by how much, from the least to the most, and leaves out what ran at full size', () => {
  const scenarios = [compressed(20, 100), compressed(10, 100), compressed(1, 1)];
  expect(proportions({ scenarios }, 120)).toMatch(/^compressed: time by 10 to 20, bytes by 100\. Kept: .* Not kept: /s);
});

it('says nothing of a run that is the truth', () => {
  expect(proportions({ scenarios: [compressed(1, 1)] }, 120)).toBeUndefined();
  expect(proportions({ scenarios: [compressed(1, 100)] }, 120)).toContain('time by 1, bytes by 100');
});

it('keeps to the width', () => {
  for (const line of (proportions({ scenarios: [compressed(20, 100)] }, 60) ?? '').split('\n')) {
    expect(line.length).toBeLessThanOrEqual(60);
  }
});
