/**
 * What the YAML parser's errors mean to somebody who wrote the file. The parser's own messages quote the line, and with it whatever
 * secret stands on it: they are never passed on.
 */
import type { ErrorCode, YAMLError } from 'yaml';

/** What is wrong, and the remedy. */
export type Words = [message: string, remedy: string];

/** Words of a reader's own, where its kind of file has better ones; `other` is for what has none. */
export type OwnWords = Partial<Record<ErrorCode, Words>> & { other: Words };

/** Each mistake with where it is: one for a line, since one mistake often breaks several rules at once, and the first tells it. */
export function yamlMistakes<Where extends { line: number }>(
  errors: readonly YAMLError[],
  position: (offset: number) => Where,
  own: OwnWords,
): { where: Where; message: string; remedy: string }[] {
  const lines = new Set<number>();
  return errors.flatMap((error) => {
    const where = position(error.pos[0]);
    if (lines.has(where.line)) return [];
    lines.add(where.line);
    // "Flow map ..." and "Flow sequence ...": a bracket that is not closed is reported as a matter of indentation.
    const open = error.code === 'BAD_INDENT' && error.message.startsWith('Flow');
    const [message, remedy] = open ? NOT_CLOSED : (own[error.code] ?? MISTAKES[error.code] ?? own.other);
    return [{ where, message, remedy }];
  });
}

const INDENTATION: Words = [
  'the indentation does not fit the lines above',
  'Indent with spaces, the keys of one block all by the same number.',
];
const COLON: Words = ['this is no "key: value"', 'Write a key, a colon, a space, and its value.'];
const NOT_CLOSED: Words = [
  'something that was opened here or above (a quote, a bracket) is not closed, or something stands after its end',
  'Close it, or put a value with special characters in quotes.',
];
const ANCHOR: Words = ['the anchor, alias or tag here is not valid', 'Write the value itself.'];

const MISTAKES: Partial<Record<ErrorCode, Words>> = {
  BAD_INDENT: INDENTATION,
  TAB_AS_INDENT: ['the line is indented with a tab', 'Indent with spaces: YAML knows no other way.'],
  MULTILINE_IMPLICIT_KEY: COLON,
  BLOCK_AS_IMPLICIT_KEY: [
    'a mapping or a list starts in the middle of a line',
    'Begin it on a line of its own, indented further, or put the value in quotes if it has a colon in it.',
  ],
  MISSING_CHAR: NOT_CLOSED,
  UNEXPECTED_TOKEN: NOT_CLOSED,
  BLOCK_IN_FLOW: NOT_CLOSED,
  BAD_SCALAR_START: ['the value starts with a character that YAML keeps for itself', 'Put the value in quotes.'],
  BAD_DQ_ESCAPE: ['the value in double quotes has an escape that YAML does not know', 'Put it in single quotes.'],
  KEY_OVER_1024_CHARS: COLON,
  DUPLICATE_KEY: ['this key is in the same block twice', 'Keep one of the two.'],
  ALIAS_PROPS: ANCHOR,
  BAD_ALIAS: ANCHOR,
  BAD_PROP_ORDER: ANCHOR,
  MULTIPLE_ANCHORS: ANCHOR,
  MULTIPLE_TAGS: ANCHOR,
  TAG_RESOLVE_FAILED: ANCHOR,
};
