/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: the references are the point */
import { describe, expect, it } from 'vitest';
import { expandEnvironment } from './expand-environment.ts';

const env = { NAME: 'tempo', EMPTY: '', LINES: 'a\nb' };

describe('expandEnvironment', () => {
  it.each([
    ['bucket: ${NAME}', 'bucket: tempo'],
    ['${NAME}${NAME}', 'tempotempo'],
    ['x${UNSET}y', 'xy'],
    ['${UNSET:-8 MiB}', '8 MiB'],
    ['${UNSET:=d}', 'd'],
    ['${UNSET=d}', 'd'],
    ['${UNSET:d}', 'd'],
    ['${NAME:-d}', 'tempo'],
    ['${NAME:d}', 'tempo'],
    // An empty variable counts as unset, as in envsubst.
    ['${EMPTY:-d}', 'd'],
    ['${UNSET:-pre${NAME}post}', 'pretempopost'],
    ['${UNSET:-}', ''],
    ['${constructor}', ''],
    // Escapes, and what is no reference.
    ['$${NAME}', '${NAME}'],
    ['a $${b', 'a ${b'],
    ['$NAME $ 5', '$NAME $ 5'],
    ['${a.b} ${NAME', '${a.b} ${NAME'],
  ])('makes %s into %s', (text, expanded) => {
    expect(expandEnvironment(text, env).text).toBe(expanded);
  });

  it('knows where in the file each character came from', () => {
    const text = 'k: ${NAME} # $${x} ${UNSET:-de}!';
    const { text: expanded, fileStart, fileEnd } = expandEnvironment(text, env);
    expect(expanded).toBe('k: tempo # ${x} de!');
    const reference = text.indexOf('${NAME}');
    expect(fileStart(0)).toBe(0);
    expect(fileStart(expanded.indexOf('tempo'))).toBe(reference);
    expect(fileStart(expanded.indexOf('mpo'))).toBe(reference);
    expect(fileEnd(expanded.indexOf(' #'))).toBe(reference + '${NAME}'.length);
    expect(fileEnd(expanded.indexOf('po'))).toBe(reference + '${NAME}'.length);
    expect(fileStart(expanded.indexOf('${x'))).toBe(text.indexOf('$${'));
    expect(fileEnd(expanded.indexOf('x}'))).toBe(text.indexOf('x}'));
    expect(fileStart(expanded.indexOf('x}'))).toBe(text.indexOf('x}'));
    expect(fileStart(expanded.indexOf('!'))).toBe(text.indexOf('!'));
    expect(fileStart(expanded.length)).toBe(text.length);
  });

  it('tells which variables have neither value nor default', () => {
    const text = 'a: ${ONE}\nb: ${TWO:-x}\nc: ${EMPTY}';
    expect(expandEnvironment(text, env).unset).toEqual([
      { name: 'ONE', offset: text.indexOf('${ONE}') },
      { name: 'EMPTY', offset: text.indexOf('${EMPTY}') },
    ]);
  });

  it('doubts a default after a bare colon, for which Tempo has another reading, but only when it is used', () => {
    expect(expandEnvironment('${NAME:d}', env).doubtful).toEqual([]);
    expect(expandEnvironment(' ${UNSET:d}', env).doubtful).toEqual([
      {
        offset: 1,
        message:
          'the default of ${UNSET:...} is used here, but Tempo itself would expand it to nothing: write ${UNSET:-...}',
      },
    ]);
  });

  it.each(['${NAME', '${a b}', '${}', '${NAME^^}', '${UNSET:-${NAME}', '${UNSET:-${a b}}'])(
    'doubts %s, and leaves it',
    (text) => {
      const { doubtful, text: expanded } = expandEnvironment(text, {});
      expect(doubtful.length).toBeGreaterThan(0);
      expect(expanded).toContain(text.slice(0, 3));
    },
  );

  it('ends on defaults nested without end', () => {
    expect(expandEnvironment('${A:-'.repeat(20_000), {}).text.length).toBe('${A:-'.length * 20_000);
  });
});
