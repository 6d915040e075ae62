/**
 * YAML as nodes that know where they stand. Scalars stay text: what `30m` or `yes` means depends on the setting that it is for
 * (go-scalar.ts), and on Go, not on YAML.
 *
 * 1. Refuse what is no text, or nested so deeply that composing it would exhaust the stack.
 * 2. Expand the environment's variables, and compose the nodes.
 * 3. Refuse aliases that stand for more than a config can hold (an "alias bomb"), or for something that they are part of.
 *
 * The parser's own messages quote the line, and with it whatever secret stands on it: they are never passed on.
 */
import {
  type Alias,
  type ErrorCode,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type ParsedNode,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import type { ConfigProblem } from './config-error.ts';
import { type ExpandedText, expandEnvironment } from './expand-environment.ts';
import { DEEPEST, offsetOfTooDeep } from './yaml-depth.ts';

/** Characters. A config of Tempo with every key of the manifest has 45,000. */
const LONGEST = 1024 * 1024;
/** Nodes, with every alias counted as what it stands for. */
const MOST_NODES = 100_000;

export interface Entry {
  key: Scalar<string>;
  /** Aliases resolved. */
  value: Node;
}

export interface YamlDocument {
  /** Absent when the document is empty. */
  root: Node | undefined;
  expanded: ExpandedText;
  /** The node that an alias stands for; any other node is itself. */
  resolve(node: Node): Node;
  /** The pairs of a mapping, merge keys (`<<`) included: a pair of its own comes before a merged one. */
  entries(map: YAMLMap): Map<string, Entry>;
  /** Line and column in the file, both from 1, of an offset in the expanded text. */
  position(offset: number): { line: number; column: number };
  /** The same of an offset in the file. */
  filePosition(offset: number): { line: number; column: number };
}

/** `problems` are all that was found; `document` is absent when what is left makes no sense to read on. */
export interface YamlReading {
  document?: YamlDocument;
  problems: ConfigProblem[];
}

/** Reads `text`, the content of `file`, as Tempo would. Never throws. */
export function readYaml(text: string, file: string, env: NodeJS.ProcessEnv): YamlReading {
  const filePosition = positionsIn(text);
  const only = (problem: Omit<ConfigProblem, 'file'>): YamlReading => ({ problems: [{ file, ...problem }] });

  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffd]/.exec(text);
  if (control) {
    return only({
      ...filePosition(control.index),
      message: 'this is no text, but binary data',
      remedy: "Give Tempo's YAML file, in UTF-8.",
    });
  }
  const expanded = expandEnvironment(text, env);
  if (Math.max(text.length, expanded.text.length) > LONGEST) {
    return only({
      message: `it has ${Math.max(text.length, expanded.text.length)} characters, and a config at most ${LONGEST}`,
      remedy: "Give Tempo's YAML file.",
    });
  }
  const position = (offset: number) => filePosition(expanded.fileStart(offset));
  const tooDeep = offsetOfTooDeep(expanded.text);
  if (tooDeep !== undefined) {
    return only({
      ...position(tooDeep),
      message: `it is nested more than ${DEEPEST} levels deep`,
      remedy: 'Close what is opened here, or indent less.',
    });
  }

  // With logLevel `silent` a second document would go unnoticed.
  const parsed = parseDocument(expanded.text, { schema: 'failsafe', prettyErrors: false, logLevel: 'error' });
  const problems: ConfigProblem[] = [];
  const lines = new Set<number>();
  for (const error of parsed.errors) {
    const where = position(error.pos[0]);
    // One mistake often breaks several rules at once: the first of a line tells it.
    if (lines.has(where.line)) continue;
    lines.add(where.line);
    // "Flow map ..." and "Flow sequence ...": a bracket that is not closed is reported as a matter of indentation.
    const open = error.code === 'BAD_INDENT' && error.message.startsWith('Flow');
    const [message, remedy] = open ? NOT_CLOSED : (MISTAKES[error.code] ?? OTHER_MISTAKE);
    problems.push({ file, ...where, message, remedy });
  }
  // After these the nodes are still what the author meant.
  if (parsed.errors.some(({ code }) => code !== 'DUPLICATE_KEY' && code !== 'MULTIPLE_DOCS')) return { problems };

  const root: ParsedNode | undefined = parsed.contents ?? undefined;
  const targets = new Map<Alias, Node>();
  const bad = root && resolveAliases(root, targets);
  if (bad) {
    problems.push({ file, ...position(bad.alias.range?.[0] ?? 0), message: bad.message, remedy: bad.remedy });
    return { problems };
  }
  const resolve = (node: Node) => (isAlias(node) ? (targets.get(node) ?? node) : node);
  const document: YamlDocument = {
    root: root && isScalar(root) && root.source === '' ? undefined : root,
    expanded,
    resolve,
    entries: (map) => entriesOf(map, resolve),
    position,
    filePosition,
  };
  return { document, problems };
}

function positionsIn(text: string): (offset: number) => { line: number; column: number } {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let line = starts.findLastIndex((start) => start <= offset);
    line = Math.max(0, line);
    return { line: line + 1, column: offset - (starts[line] as number) + 1 };
  };
}

/**
 * Fills `targets`, and returns the first alias that cannot be. Goes through the nodes in the order of the text, in which an
 * anchor comes before its aliases, and so knows what an alias stands for without following it.
 */
function resolveAliases(
  root: Node,
  targets: Map<Alias, Node>,
): { alias: Alias; message: string; remedy: string } | undefined {
  /** By anchor: the node and its count of nodes, or `open` while the node itself is being counted. */
  const anchors = new Map<string, { node: Node; count: number | 'open' }>();
  let bad: { alias: Alias; message: string; remedy: string } | undefined;

  function count(node: unknown): number {
    if (bad || !node) return 0;
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (!target || target.count === 'open') {
        const why = target
          ? 'this alias stands for something that it is part of'
          : 'this alias has no anchor before it';
        bad = { alias: node, message: why, remedy: 'Write the value itself.' };
        return 0;
      }
      targets.set(node, target.node);
      return weighed(target.count, node);
    }
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return 0;
    const anchor = { node, count: 'open' as number | 'open' };
    if (node.anchor) anchors.set(node.anchor, anchor);
    let total = 1;
    if (isSeq(node)) for (const item of node.items) total += count(item);
    if (isMap(node)) for (const pair of node.items) total += count(pair.key) + count(pair.value);
    anchor.count = total;
    return total;
  }
  let all = 0;
  function weighed(nodes: number, alias: Alias): number {
    all += nodes;
    if (all <= MOST_NODES) return nodes;
    bad = {
      alias,
      message: `its aliases stand for more than ${MOST_NODES} values`,
      remedy: 'Write the values themselves, or fewer aliases of aliases.',
    };
    return 0;
  }
  count(root);
  return bad;
}

function entriesOf(map: YAMLMap, resolve: (node: Node) => Node): Map<string, Entry> {
  const own = new Map<string, Entry>();
  const merged = new Map<string, Entry>();
  for (const pair of map.items) {
    const key = resolve(pair.key as Node);
    const value = pair.value ? resolve(pair.value as Node) : undefined;
    if (!isScalar(key) || !value) continue;
    if (key.value !== '<<' || key.type !== 'PLAIN') {
      own.set(String(key.value), { key: key as Scalar<string>, value });
      continue;
    }
    const sources = isSeq(value) ? value.items.map((item) => resolve(item as Node)) : [value];
    for (const source of sources) {
      if (!isMap(source)) continue;
      // Of several sources the first one counts.
      for (const [name, entry] of entriesOf(source, resolve)) if (!merged.has(name)) merged.set(name, entry);
    }
  }
  for (const [name, entry] of merged) if (!own.has(name)) own.set(name, entry);
  return own;
}

const INDENTATION: [string, string] = [
  'the indentation does not fit the lines above',
  'Indent with spaces, the keys of one block all by the same number.',
];
const COLON: [string, string] = ['this is no "key: value"', 'Write a key, a colon, a space, and its value.'];
const NOT_CLOSED: [string, string] = [
  'something that was opened here or above (a quote, a bracket) is not closed, or something stands after its end',
  'Close it, or put a value with special characters in quotes.',
];
const ANCHOR: [string, string] = ['the anchor, alias or tag here is not valid', 'Write the value itself.'];
const OTHER_MISTAKE: [string, string] = ['this is not valid YAML', 'Compare it with a config that Tempo starts with.'];

/** What the codes of the parser mean to somebody who wrote the file. */
const MISTAKES: Partial<Record<ErrorCode, [string, string]>> = {
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
  DUPLICATE_KEY: ['this key is in the same block twice, and Tempo refuses that', 'Keep one of the two.'],
  MULTIPLE_DOCS: ['a second document starts here, and Tempo reads only the first', 'Give a file with one document.'],
  ALIAS_PROPS: ANCHOR,
  BAD_ALIAS: ANCHOR,
  BAD_PROP_ORDER: ANCHOR,
  MULTIPLE_ANCHORS: ANCHOR,
  MULTIPLE_TAGS: ANCHOR,
  TAG_RESOLVE_FAILED: ANCHOR,
};
