import { expect, it } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { progressFor } from './progress-for.ts';
import { resultColumns, type Terminal, takesUnicode } from './terminal.ts';

const silent = { write() {} };
const terminal: Terminal = { stdout: silent, stderr: silent, environment: {}, clock: new VirtualClock() };

it('writes a result as wide as the terminal, and 120 columns into a pipe', () => {
  expect(resultColumns({ ...terminal, stdout: { ...silent, isTTY: true, columns: 80 } })).toBe(80);
  expect(resultColumns({ ...terminal, stdout: { ...silent, columns: 80 } })).toBe(120);
});

it('takes the characters that the locale allows', () => {
  expect(takesUnicode({ LANG: 'en_US.UTF-8' })).toBe(true);
  expect(takesUnicode({ LANG: 'en_US.UTF-8', LC_ALL: 'C' })).toBe(false);
  expect(takesUnicode({ LC_ALL: '', LC_CTYPE: 'C.utf8' })).toBe(true);
  expect(takesUnicode({})).toBe(false);
});

it.each([
  ['draws on a terminal', true, {}, true],
  ['writes lines into a pipe', false, {}, false],
  ['writes lines to a terminal that cannot be drawn on', true, { TERM: 'dumb' }, false],
  ['writes lines in a CI system', true, { CI: 'true' }, false],
])('%s', (_, isTTY, environment, draws) => {
  const written: string[] = [];
  const stderr = { write: (text: string) => written.push(text), isTTY, columns: 80, rows: 24 };
  const progress = progressFor({ ...terminal, stderr, environment });
  progress.scenarioStarted({ name: 'a', client: 'minio' });
  progress.scenarioStarted({ name: 'b', client: 'minio' });
  progress.close();
  expect(written.join('').includes('\u001b[')).toBe(draws);
});
