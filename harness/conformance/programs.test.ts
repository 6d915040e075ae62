import { describe, expect, it } from 'vitest';
import { RequestMatcher } from '../gateway/request-match.ts';
import { PART_SIZE, type Program } from './program.ts';
import { fuzzedPrograms, programKinds, programsOfKind, ROUND } from './programs.ts';

const programs = fuzzedPrograms(1, 200);

it('are the same for a seed and number, however many there are', () => {
  expect(fuzzedPrograms(1, 10)).toEqual(programs.slice(0, 10));
  expect(programsOfKind(programs[70]?.kind as string, 1, 70, 1)).toEqual([programs[70]]);
  const others = fuzzedPrograms(2, 200).filter((other, index) => {
    return JSON.stringify(other) !== JSON.stringify(programs[index]);
  });
  // Of some kinds there is only one.
  expect(others.length).toBeGreaterThan(120);
});

it('hold every kind in each round, and few of a round many of them', () => {
  expect(new Set(programs.slice(0, ROUND).map(({ kind }) => kind))).toEqual(new Set(programKinds));
  expect(new Set(programs.slice(0, 20).map(({ kind }) => kind)).size).toBe(20);
  expect(() => programsOfKind('none', 1, 0, 1)).toThrow('no kind is named none: one of single: status and code, ');
});

describe('200 of them', () => {
  const some = (about: (program: Program) => boolean) => programs.filter(about).length;
  const treated = (about: (treatment: Program['faults'][number]['treatment']) => boolean) =>
    some(({ faults }) => faults.some(({ treatment }) => about(treatment)));

  it('have whatever may go wrong among them, on single and multipart uploads, alone and in sequences', () => {
    expect(some(({ size }) => size > PART_SIZE)).toBeGreaterThan(50);
    expect(some(({ size, tls }) => size <= PART_SIZE && tls === undefined)).toBeGreaterThan(80);
    expect(some(({ faults }) => faults.length > 1)).toBeGreaterThan(20);
    expect(some(({ deadline }) => deadline !== undefined)).toBeGreaterThan(10);
    for (const when of ['before-apply', 'after-apply'] as const) {
      expect(treated((one) => one.kind === 'cut' && one.when === when)).toBeGreaterThan(2);
      expect(treated((one) => one.kind === 'hold' && one.when === when && one.forMs === undefined)).toBeGreaterThan(2);
    }
    expect(treated(({ kind }) => kind === 'truncate')).toBeGreaterThan(3);
    expect(treated(({ kind }) => kind === 'complete-200-error')).toBeGreaterThan(2);
    expect(treated((one) => one.kind === 'answer-error' && one.status === 200)).toBeGreaterThan(3);
    expect(treated((one) => one.kind === 'answer-error' && one.withoutDocument === true)).toBeGreaterThan(10);
    expect(treated((one) => one.kind === 'answer-error' && one.retryAfter !== undefined)).toBeGreaterThan(5);
    for (const status of [408, 429, 499, 500, 502, 503, 504, 520]) {
      expect(treated((one) => one.kind === 'answer-error' && one.status === status)).toBeGreaterThan(0);
    }
    const modes = new Set(programs.map(({ name }) => name?.mode));
    for (const mode of ['nxdomain', 'servfail', 'silent', 'dead', 'hanging'] as const) expect(modes).toContain(mode);
  });

  it('have few bytes', () => {
    expect(programs.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(1024 ** 3);
  });

  it('have no two faults for one request, and only windows that the gateway takes', () => {
    for (const { faults, number } of programs) {
      for (const [index, fault] of faults.entries()) {
        const match = { operations: [fault.operation], window: { from: fault.from, to: fault.to } };
        expect(() => new RequestMatcher({ rule: 'r', seed: 1, match })).not.toThrow();
        for (const other of faults.slice(index + 1)) {
          const apart =
            fault.operation !== other.operation ||
            fault.part !== other.part ||
            fault.to < other.from ||
            other.to < fault.from;
          expect(apart, `program ${number}`).toBe(true);
        }
      }
    }
  });
});
