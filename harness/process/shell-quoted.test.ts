import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { shellQuoted } from './shell-quoted.ts';

it('quotes only what needs it, and a shell reads the same word again', () => {
  expect(shellQuoted('chaos-results/2026-01-01/a-minio')).toBe('chaos-results/2026-01-01/a-minio');
  const words = ['', 'with space', "it's", '$HOME', '`x`', '"', 'a\\b', '*', '~', 'é'];
  for (const word of words) {
    expect(execFileSync('/bin/sh', ['-c', `printf %s ${shellQuoted(word)}`], { encoding: 'utf8' })).toBe(word);
  }
});
