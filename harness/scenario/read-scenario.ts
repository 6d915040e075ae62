/**
 * Reads a scenario from YAML. Whatever is wrong with it is reported with file, line and column, all problems at once:
 *
 * 1. Is it YAML, one document, no anchors that grow without end?
 * 2. Does it hold what a scenario holds? Each of zod's issues is put at the node that its path leads to.
 */
import { readFile } from 'node:fs/promises';
import { isCollection, isMap, isPair, isScalar, LineCounter, type Node, parseAllDocuments } from 'yaml';
import type { z } from 'zod';
import { faultNames } from '../faults/catalogue.ts';
import { nearestKey } from '../tempo/nearest-key.ts';
import { DEEPEST, offsetOfTooDeep } from '../tempo/yaml-depth.ts';
import { type Scenario, scenarioSchema } from './scenario.ts';
import { ScenarioError, type ScenarioProblem } from './scenario-error.ts';

/** Characters: a scenario of a thousand faults has about 100,000. */
const LONGEST = 1024 * 1024;

/** @throws ScenarioError */
export async function readScenario(file: string): Promise<Scenario> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message = { ENOENT: 'there is no such file', EISDIR: 'it is a folder', EACCES: 'it may not be read' }[
      code ?? ''
    ];
    throw new ScenarioError([
      {
        where: file,
        message: message ?? (error as Error).message,
        remedy: 'name a scenario that `list` shows, or a YAML file',
      },
    ]);
  }
  return parseScenario(text, file);
}

/** `file` is for messages only. @throws ScenarioError */
export function parseScenario(text: string, file: string): Scenario {
  const lines = new LineCounter();
  if (text.length > LONGEST) {
    throw new ScenarioError([
      { where: file, message: `it has ${text.length} characters, and a scenario at most ${LONGEST}` },
    ]);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffd]/.test(text)) {
    throw new ScenarioError([
      { where: file, message: 'this is no text, but binary data', remedy: 'give a YAML file, in UTF-8' },
    ]);
  }
  const tooDeep = offsetOfTooDeep(text);
  if (tooDeep !== undefined) {
    const line = text.slice(0, tooDeep).split('\n').length;
    throw new ScenarioError([{ where: `${file}:${line}`, message: `it is nested more than ${DEEPEST} levels deep` }]);
  }
  const documents = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true, logLevel: 'error' });
  const where = (offset: number | undefined) => {
    if (offset === undefined) return file;
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (!document || document.contents === null)
    throw new ScenarioError([
      { where: file, message: 'the file is empty', remedy: 'a scenario needs at least name, about and load' },
    ]);
  const broken = [document, ...(second ? [second] : [])].flatMap(({ errors }) => errors);
  if (broken.length > 0) {
    throw new ScenarioError(
      broken.map((error) => ({ where: where(error.pos[0]), message: error.message.split('\n', 1)[0] as string })),
    );
  }
  if (second)
    throw new ScenarioError([
      { where: where(second.range?.[0]), message: 'a second document begins here', remedy: 'one scenario a file' },
    ]);

  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new ScenarioError([{ where: file, message: (error as Error).message }]);
  }
  const parsed = scenarioSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const problems: ScenarioProblem[] = [];
  for (const issue of parsed.error.issues) {
    for (const { path, message, remedy } of explain(issue, content)) {
      problems.push({ where: where(offsetOf(document.contents as Node, path)), message, ...(remedy && { remedy }) });
    }
  }
  throw new ScenarioError(problems);
}

interface Explained {
  path: PropertyKey[];
  message: string;
  remedy?: string;
}

function explain(issue: z.core.$ZodIssue, content: unknown): Explained[] {
  const at =
    issue.path.length > 0
      ? issue.path
          .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
          .join('')
          .replace(/^\./, '')
      : 'the scenario';
  if (issue.code === 'unrecognized_keys') {
    const valid = keysAt(issue.path);
    return issue.keys.map((key) => {
      const meant = nearestKey(key, valid);
      return {
        path: [...issue.path, key],
        message: `${at === 'the scenario' ? '' : `${at}: `}there is no key ${JSON.stringify(key)} here`,
        ...(meant
          ? { remedy: `did you mean ${meant}?` }
          : valid.length > 0
            ? { remedy: `valid: ${valid.join(', ')}` }
            : {}),
      };
    });
  }
  const value = issue.path.reduce<unknown>(
    (object, step) => (object as Record<PropertyKey, unknown> | undefined)?.[step],
    content,
  );
  if (value === undefined) return [{ path: issue.path.slice(0, -1), message: `${at} is missing` }];
  if (issue.code === 'invalid_value') {
    const valid = issue.values.map(String);
    const meant = nearestKey(String(value), valid);
    return [
      {
        path: issue.path,
        message: `${at}: ${JSON.stringify(value)} is none of those there are`,
        remedy: `${meant ? `did you mean ${meant}? ` : ''}valid: ${valid.join(', ')}`,
      },
    ];
  }
  return [{ path: issue.path, message: `${at}: ${JSON.stringify(value)}: ${issue.message}` }];
}

/** The keys that the schema knows at a path, as far as they can be told without the content. */
function keysAt(path: PropertyKey[]): string[] {
  const keys = (schema: { shape: object }) => Object.keys(schema.shape);
  const [room, , inner] = path;
  if (room === undefined) return Object.keys(scenarioSchema.shape);
  if (room === 'timeline') return inner === 'with' ? [] : ['at', 'for', 'fault', 'with'];
  if (room === 'load') return keys(scenarioSchema.shape.load);
  if (room === 'expect')
    return ['verdict', 'cause', 'lost', 'deadlineExceeded', 'visibleWithin', 'recoveredWithin', 'amplification'];
  if (room === 'compression') return ['time', 'bytes'];
  return [...faultNames];
}

/** Where in the text the node is that a path leads to; as near to it as the document goes. */
function offsetOf(root: Node, path: PropertyKey[]): number | undefined {
  let node: unknown = root;
  let offset = root.range?.[0];
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
