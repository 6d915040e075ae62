import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wholeLines } from './whole-lines.ts';

let file: string;
beforeAll(() => {
  file = join(mkdtempSync(join(tmpdir(), 'whole-lines-')), 'lines');
});
afterAll(() => rmSync(join(file, '..'), { recursive: true, force: true }));

/** The pieces, and what comes last. */
async function read(text: string, heldBack: 0 | 1): Promise<{ pieces: string[]; last: string }> {
  writeFileSync(file, text);
  const pieces: string[] = [];
  for await (const { bytes, last } of wholeLines(file, { heldBack })) {
    if (last) return { pieces, last: bytes.toString() };
    pieces.push(bytes.toString());
  }
  throw new Error('nothing was the last');
}

describe.each([0, 1] as const)('the lines of a file, %i of them held back', (heldBack) => {
  const long = 'x'.repeat(3_000_000);
  const many = Array.from({ length: 50_000 }, (_, index) => `line ${index} with an ü`);
  it.each([
    ['nothing', []],
    ['one line', ['a']],
    ['two', ['a', 'b']],
    ['empty lines', ['', '', '']],
    ['one that is longer than a piece', [long]],
    ['some of them between others', ['a', long, 'b', long, '', long]],
    ['more than fit in a piece', many],
  ])('%s', async (_, lines) => {
    const text = lines.map((line) => `${line}\n`).join('');
    for (const rest of ['', 'half a line', long]) {
      const { pieces, last } = await read(text + rest, heldBack);
      expect(pieces.join('') + last === text + rest).toBe(true);
      for (const piece of pieces) expect(piece.endsWith('\n')).toBe(true);
      const held = heldBack === 1 && lines.length > 0 ? `${lines.at(-1)}\n` : '';
      expect(last === held + rest).toBe(true);
    }
  });

  it('come in more than one piece when they are many', async () => {
    const { pieces } = await read(many.map((line) => `${line}\n`).join(''), heldBack);
    expect(pieces.length).toBeGreaterThan(1);
  });
});

it('are refused when one is longer than any event', async () => {
  writeFileSync(file, Buffer.alloc(70 * 1024 * 1024, 'x'));
  await expect(wholeLines(file).next()).rejects.toThrow(`${file}: it has a line of more than`);
});

it('give the error of the file system, at whatever piece that is', async () => {
  await expect(wholeLines(join(file, '..')).next()).rejects.toThrow('EISDIR');
  await expect(wholeLines(`${file}.none`).next()).rejects.toThrow('ENOENT');
});

it('are read as they are by who stops early, and the file is closed', async () => {
  writeFileSync(file, 'a line\n'.repeat(200_000));
  for await (const { bytes } of wholeLines(file)) {
    expect(bytes.toString('utf8', 0, 7)).toBe('a line\n');
    break;
  }
});
