/**
 * YAML as nodes that know where they stand. Scalars stay text: what `30m` or `yes` means depends on the setting that it is for
 * (go-scalar.ts), and on Go, not on YAML.
 *
 * 1. Refuse what is no text, or nested so deeply that composing it would exhaust the stack.
 * 2. Expand the environment's variables, and compose the nodes.
 * 3. Refuse aliases that stand for more than a config can hold (an "alias bomb"), or for something that they are part of.
 */
import {
  type Alias,
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
import { resolveAliases } from './yaml-aliases.ts';
import { DEEPEST, offsetOfTooDeep } from './yaml-depth.ts';
import { type OwnWords, yamlMistakes } from './yaml-mistakes.ts';

/** Characters. A config of Tempo with every key of the manifest has 45,000. */
const LONGEST = 1024 * 1024;
/** Where Tempo has words of its own. */
const TEMPO_WORDS: OwnWords = {
  DUPLICATE_KEY: ['this key is in the same block twice, and Tempo refuses that', 'Keep one of the two.'],
  MULTIPLE_DOCS: ['a second document starts here, and Tempo reads only the first', 'Give a file with one document.'],
  other: ['this is not valid YAML', 'Compare it with a config that Tempo starts with.'],
};

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
  const problems: ConfigProblem[] = yamlMistakes(parsed.errors, position, TEMPO_WORDS).map(({ where, ...words }) => ({
    file,
    ...where,
    ...words,
  }));
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
