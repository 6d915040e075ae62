import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Compression } from '../scenario/compression.ts';
import { effects, faultNamed, faultNames, faults } from './catalogue.ts';

it('has each fault once, found by its name', () => {
  expect(new Set(faultNames).size).toBe(faults.length);
  for (const fault of faults) {
    expect(faultNamed(fault.name)).toBe(fault);
    expect(effects[fault.name]).toBe(fault.effect);
  }
  expect(() => faultNamed('gremlins')).toThrow(`no fault is named gremlins: there are ${faultNames.join(', ')}`);
  expect(faultNames).toContain('latency');
});

describe.each(faults.map((fault) => [fault.name, fault] as const))('%s', (name, fault) => {
  it('can stand in a listing', () => {
    expect(name).toMatch(/^[a-z][a-z0-9-]+$/);
    expect(fault.about).toMatch(/^[A-Z].{20,140}\.$/);
    expect(fault.about).not.toContain('\n');
  });

  it('describes every parameter, and takes no other', () => {
    const { properties, additionalProperties } = z.toJSONSchema(fault.parameters, { io: 'input' }) as {
      properties: Record<string, { description?: string }>;
      additionalProperties: unknown;
    };
    for (const [parameter, { description }] of Object.entries(properties)) {
      expect(description, parameter).toMatch(/^[^.]{10,}$/);
    }
    expect(additionalProperties).toBe(false);
    expect(fault.parameters.safeParse({ ...(fault.example as object), gremlins: 1 }).success).toBe(false);
  });

  it('has an example that works, and that real time leaves as it is', () => {
    const parameters = fault.parameters.parse(fault.example);
    expect(fault.compress(parameters, new Compression(1, 1))).toEqual(parameters);
  });
});
