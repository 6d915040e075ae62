import { describe, expect, it } from 'vitest';
import { isMap, isScalar, type YAMLMap } from 'yaml';
import { readYaml } from './yaml-document.ts';

function problemsOf(text: string): string[] {
  return readYaml(text, 'f', {}).problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

function entriesOf(text: string): Record<string, unknown> {
  const { document, problems } = readYaml(text, 'f', {});
  expect(problems).toEqual([]);
  const entries = document?.entries(document.root as YAMLMap) ?? new Map();
  return Object.fromEntries([...entries].map(([name, { value }]) => [name, isScalar(value) ? value.value : value]));
}

describe('readYaml', () => {
  it('keeps scalars as they are written', () => {
    expect(entriesOf('a: 010\nb: yes\nc: 5m\nd: "5"\ne:\nf: ~')).toEqual({
      a: '010',
      b: 'yes',
      c: '5m',
      d: '5',
      e: '',
      f: '~',
    });
  });

  it('has no root for an empty file', () => {
    for (const text of ['', '\n\n', '# a comment\n', '---\n', '---\n# a comment\n...\n']) {
      expect(readYaml(text, 'f', {}).document?.root).toBeUndefined();
    }
  });

  it.each([
    ['a: b: c', '1:4 a mapping or a list starts in the middle of a line'],
    ['a:\n\tb: 1', '2:1 the line is indented with a tab'],
    [
      'a: "x',
      '1:6 something that was opened here or above (a quote, a bracket) is not closed, or something stands after its end',
    ],
    [
      'a: {b',
      '1:6 something that was opened here or above (a quote, a bracket) is not closed, or something stands after its end',
    ],
    ['a: b: c: d', '1:4 a mapping or a list starts in the middle of a line'],
    ['a:\n  b: 1\n c: 2', '3:1 the indentation does not fit the lines above'],
    ['a:\n  b:1\n  c: 2', '2:3 this is no "key: value"'],
    ['a: @x', '1:4 the value starts with a character that YAML keeps for itself'],
    ['a: "\\q"', '1:5 the value in double quotes has an escape that YAML does not know'],
    ['a: 1\nb: 2\na: 3', '3:1 this key is in the same block twice, and Tempo refuses that'],
    ['a: 1\n---\nb: 2\n', '2:1 a second document starts here, and Tempo reads only the first'],
    ['a: *x', '1:4 this alias has no anchor before it'],
    ['a: &a\n  b: *a', '2:6 this alias stands for something that it is part of'],
    ['a: \u0000', '1:4 this is no text, but binary data'],
    ['a: b\nc: \ufffd', '2:4 this is no text, but binary data'],
  ])('says what is wrong with %j', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it('finds mistakes of one file together, one for a line', () => {
    expect(problemsOf('a: 1\na: 2\nb:\n  c: 1\n  c: 2\n')).toEqual([
      '2:1 this key is in the same block twice, and Tempo refuses that',
      '5:3 this key is in the same block twice, and Tempo refuses that',
    ]);
  });

  it.each(['[', '{', '- ', '? ', '[{', 'a: ', '{a: '])(
    'refuses %j repeated 50,000 times, which would end the process',
    (opening) => {
      const [problem, ...others] = readYaml(opening.repeat(50_000), 'f', {}).problems;
      expect(others).toEqual([]);
      expect(problem?.message).toBe('it is nested more than 100 levels deep');
    },
  );

  it('takes a nesting of ninety', () => {
    expect(problemsOf(`a: ${'['.repeat(90)}${']'.repeat(90)}`)).toEqual([]);
  });

  it('refuses an alias bomb, wherever it is', () => {
    let bomb = 'a0: &a0 [x, x, x, x, x, x, x, x, x]\n';
    for (let i = 1; i <= 9; i++)
      bomb += `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]\n`;
    expect(problemsOf(bomb)).toEqual([expect.stringContaining('its aliases stand for more than 100000 values')]);
  });

  it('refuses what is too long to be a config', () => {
    expect(problemsOf(`# ${'x'.repeat(1024 * 1024)}`)).toEqual([
      'undefined:undefined it has 1048578 characters, and a config at most 1048576',
    ]);
  });

  it('follows aliases and merge keys; a key of its own comes first, then the first source', () => {
    const text = 'one: &one {a: 1, b: 1}\ntwo: &two {b: 2, c: 2}\nall: {<<: [*one, *two], a: own}\nagain: *one\n';
    const { document } = readYaml(text, 'f', {});
    const root = document?.entries(document.root as YAMLMap);
    const values = (name: string) => {
      const node = root?.get(name)?.value;
      return (
        isMap(node) &&
        Object.fromEntries([...(document?.entries(node) ?? [])].map(([key, { value }]) => [key, String(value)]))
      );
    };
    expect(values('all')).toEqual({ a: 'own', b: '1', c: '2' });
    expect(values('again')).toEqual({ a: '1', b: '1' });
  });

  it('gives the line in the file, not the one after expansion', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference in the config
    const { document } = readYaml('a: ${LINES}\nb: x\n', 'f', { LINES: 'one\n\n\nc: two' });
    const b = document?.entries(document.root as YAMLMap).get('b')?.key.range?.[0] ?? -1;
    expect(document?.position(b)).toEqual({ line: 2, column: 1 });
  });
});
