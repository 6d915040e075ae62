import { expect, it } from 'vitest';
import { HistoryError } from './history-error.ts';
import { Sealing } from './seal.ts';

function sealing(): Sealing {
  const seal = new Sealing();
  seal.add(Buffer.from('{"t":1}\n{"t":2.5}\n'), 2, 2.5);
  return seal;
}
const line = sealing().line();

it('is what follows from the lines before it', () => {
  expect(JSON.parse(line)).toEqual({
    t: 2.5,
    type: 'seal',
    events: 2,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(() => sealing().verify(line, 'f')).not.toThrow();
});

it('has no byte that may be another one, or be gone', () => {
  for (const at of line.split('').keys()) {
    const other = line[at] === '0' ? '1' : '0';
    for (const damaged of [line.slice(0, at) + other + line.slice(at + 1), line.slice(0, at) + line.slice(at + 1)]) {
      expect(() => sealing().verify(damaged, 'f'), JSON.stringify(damaged)).toThrow(HistoryError);
    }
  }
});

it.each(['\n', ' ', '{"t":3}\n', line])('is the last of its file: %j after it is refused', (more) => {
  expect(() => sealing().verify(line + more, 'f')).toThrow(HistoryError);
});
