/**
 * Reads a scenario from YAML. Whatever is wrong with it is reported with file, line and column, all problems at once:
 *
 * 1. Is it YAML, one document, no aliases that grow without end?
 * 2. Does it hold what a scenario holds? Each of zod's issues is put at the node that its path leads to.
 */
import { readFile } from 'node:fs/promises';
import { isCollection, isMap, isPair, isScalar, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { faults } from '../faults/catalogue.ts';
import { nearestKey } from '../tempo/nearest-key.ts';
import { resolveAliases } from '../tempo/yaml-aliases.ts';
import { DEEPEST, offsetOfTooDeep } from '../tempo/yaml-depth.ts';
import { type OwnWords, yamlMistakes } from '../tempo/yaml-mistakes.ts';
import { inPlainWords } from './plain-words.ts';
import { type Scenario, scenarioSchema } from './scenario.ts';
import { ScenarioError, type ScenarioProblem } from './scenario-error.ts';

/** Characters: a scenario of a thousand faults has about 100,000. */
const LONGEST = 1024 * 1024;
/** Characters of a value that a message shows. */
const MOST_SHOWN = 80;

const WORDS: OwnWords = {
  MULTIPLE_DOCS: ['a second document begins here', 'One scenario a file.'],
  other: ['this is not valid YAML', 'Compare it with a scenario that ships with the tool.'],
};

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file: a part of its path is a file itself',
  EISDIR: 'it is a folder',
  EACCES: 'it may not be read',
};

/** `seed`: instead of the file's own. @throws ScenarioError */
export async function readScenario(file: string, seed?: number): Promise<Scenario> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ScenarioError([
      {
        where: file,
        message: reasons[code ?? ''] ?? message,
        remedy: 'name a scenario that `list` shows, or a YAML file',
      },
    ]);
  }
  return parseScenario(text, file, seed);
}

/** `file` is for messages only, `seed` instead of the text's own. @throws ScenarioError */
export function parseScenario(text: string, file: string, seed?: number): Scenario {
  const refuse = (where: string, message: string, remedy?: string): never => {
    throw new ScenarioError([{ where, message, ...(remedy && { remedy: asAside(remedy) }) }]);
  };
  if (text.length > LONGEST) {
    refuse(
      file,
      `it has ${text.length} characters, and a scenario at most ${LONGEST}`,
      'name a YAML file of a scenario',
    );
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffd]/.test(text)) {
    refuse(file, 'this is no text, but binary data', 'give a YAML file, in UTF-8');
  }
  const lines = new LineCounter();
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, text: `${file}:${line}:${col}` };
  };
  const tooDeep = offsetOfTooDeep(text);
  if (tooDeep !== undefined) {
    const before = text.slice(0, tooDeep).split('\n');
    const where = `${file}:${before.length}:${(before.at(-1) as string).length + 1}`;
    refuse(where, `it is nested more than ${DEEPEST} levels deep`, 'close what is opened here, or indent less');
  }

  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    uniqueKeys: true,
    logLevel: 'error',
    prettyErrors: false,
  });
  const [document, second] = Array.isArray(documents) ? documents : [];
  const mistakes = yamlMistakes([...(document?.errors ?? []), ...(second?.errors ?? [])], position, WORDS);
  if (mistakes.length > 0) {
    throw new ScenarioError(
      mistakes.map(({ where, message, remedy }) => ({ where: where.text, message, remedy: asAside(remedy) })),
    );
  }
  const root = document?.contents as Node | null | undefined;
  if (!document || !root || (isScalar(root) && root.value === null)) {
    return refuse(file, 'the file is empty', 'a scenario needs at least name, about and load');
  }
  if (second) {
    const [message, remedy] = WORDS.MULTIPLE_DOCS as [string, string];
    refuse(position(second.range?.[0] ?? 0).text, message, remedy);
  }
  const bad = resolveAliases(root, new Map());
  if (bad) refuse(position(bad.alias.range?.[0] ?? 0).text, bad.message, bad.remedy);

  let content: unknown;
  try {
    // The aliases were counted above.
    content = document.toJS({ maxAliasCount: -1 });
  } catch {
    // A tag of YAML 1.1 on a value that it does not fit, or a merge key with nothing to merge.
    refuse(file, ...WORDS.other);
  }
  refuseTempoConfig(content, file);
  if (seed !== undefined && isObject(content)) content.seed = seed;
  const parsed = scenarioSchema.safeParse(content, { error: inPlainWords });
  if (parsed.success) return parsed.data;
  // Of several objections to one value the last is the narrowest.
  const problems = new Map<string, ScenarioProblem>();
  for (const issue of parsed.error.issues) {
    for (const { path, message, remedy, about = path } of explain(issue, content)) {
      const { text: where } = position(offsetOf(root, path));
      problems.set(JSON.stringify(about), { where, message, ...(remedy && { remedy }) });
    }
  }
  throw new ScenarioError([...problems.values()]);
}

/** Tempo's own file, given as the scenario, is an easy slip: each of its keys would be a problem of its own. */
function refuseTempoConfig(content: unknown, file: string): void {
  const has = (key: string) => isObject(content) && Object.hasOwn(content, key);
  if (has('load') || !['storage', 'ingester', 'overrides'].some(has)) return;
  throw new ScenarioError([
    { where: file, message: 'this is a config of Tempo, and no scenario', remedy: `give it as --config ${file}` },
  ]);
}

function isObject(content: unknown): content is Record<string, unknown> {
  return typeof content === 'object' && content !== null;
}

interface Explained {
  /** Leads to the node that is shown. */
  path: PropertyKey[];
  message: string;
  remedy?: string;
  /** What it is about, where that is not there to be shown. */
  about?: PropertyKey[];
}

function explain(issue: z.core.$ZodIssue, content: unknown): Explained[] {
  const at = inWords(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const valid = keysAt(issue.path, content);
    return issue.keys.map((key) => {
      const meant = nearestKey(key, valid);
      return {
        path: [...issue.path, key],
        message: `${issue.path.length > 0 ? `${at}: ` : ''}there is no key ${shown(key)} here`,
        ...(meant
          ? { remedy: `did you mean ${meant}?` }
          : valid.length > 0
            ? { remedy: `valid: ${valid.join(', ')}` }
            : {}),
      };
    });
  }
  const value = issue.path.reduce<unknown>((container, step) => stepInto(container, step), content);
  if (value === undefined) {
    return [{ path: issue.path.slice(0, -1), message: `${at} is missing`, about: issue.path }];
  }
  if (issue.code === 'invalid_value') {
    const valid = issue.values.map(String);
    const meant = nearestKey(String(value), valid);
    return [
      {
        path: issue.path,
        message: `${at}: ${shown(value)} is none of those there are`,
        remedy: `${meant ? `did you mean ${meant}? ` : ''}valid: ${valid.join(', ')}`,
      },
    ];
  }
  // Some schemas begin with the value, as text.
  const quoted = [JSON.stringify(value), JSON.stringify(String(value))].find((text) => issue.message.startsWith(text));
  const message =
    quoted === undefined
      ? `${shown(value)}: ${issue.message}`
      : `${shown(String(value))}${issue.message.slice(quoted.length)}`;
  return [{ path: issue.path, message: `${at}: ${message}` }];
}

/** `timeline entry 2, with.latency`: entries are counted from 1, as everywhere in messages. */
function inWords(path: readonly PropertyKey[]): string {
  const [room, index, ...rest] = path;
  if (room === undefined) return 'the scenario';
  if (room !== 'timeline' || index === undefined) return path.map(String).join('.');
  const within = rest.map((step) => (typeof step === 'number' ? `entry ${step + 1}` : String(step))).join('.');
  return `timeline entry ${Number(index) + 1}${within && `, ${within}`}`;
}

/** A value for a message: short, and on one line. */
function shown(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text;
}

/** A remedy that is a sentence, as it stands in brackets behind a message. */
function asAside(remedy: string): string {
  return remedy.charAt(0).toLowerCase() + remedy.slice(1).replace(/\.$/, '');
}

/** The keys that the schema knows at a path; none where any are allowed. */
function keysAt(path: readonly PropertyKey[], content: unknown): string[] {
  let schema: unknown = scenarioSchema;
  let value = content;
  for (const step of path) {
    schema = step === 'with' ? faultOf(value)?.parameters : memberOf(innermost(schema), step);
    value = stepInto(value, step);
  }
  schema = innermost(schema);
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function stepInto(container: unknown, step: PropertyKey): unknown {
  return (container as Record<PropertyKey, unknown> | null | undefined)?.[step];
}

function faultOf(entry: unknown) {
  return faults.find(({ name }) => name === stepInto(entry, 'fault'));
}

function memberOf(schema: unknown, step: PropertyKey): unknown {
  if (schema instanceof z.ZodObject) return schema.shape[step as string];
  return schema instanceof z.ZodArray ? schema.element : undefined;
}

/** Without the defaults and transforms that are wrapped around a schema. */
function innermost(schema: unknown): unknown {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return innermost(schema.unwrap());
  }
  return schema instanceof z.ZodPipe ? innermost(schema.in) : schema;
}

/** Where in the text the node is that a path leads to; as near to it as the document goes. */
function offsetOf(root: Node, path: readonly PropertyKey[]): number {
  let node: unknown = root;
  let offset = root.range?.[0] ?? 0;
  for (const step of path) {
    if (!isCollection(node)) break;
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
      );
      if (!pair) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else {
      node = node.items[Number(step)];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    }
  }
  return offset;
}
