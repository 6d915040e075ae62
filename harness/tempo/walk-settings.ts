/** A document's nodes against the blocks that are known: what is set goes into the settings, what is wrong into the problems. */
import { isAlias, isMap, isScalar, type Node, type YAMLMap } from 'yaml';
import type { ConfigProblem } from './config-error.ts';
import { type RawScalar, readScalar } from './go-scalar.ts';
import { type Block, blockHas, lookUp } from './known-keys.ts';
import { nearestKey } from './nearest-key.ts';
import { keyOfAnotherVersion } from './other-version.ts';
import type { Setting } from './setting.ts';
import type { TempoSettings, TempoVersion } from './settings.ts';
import type { Entry, YamlDocument } from './yaml-document.ts';

export interface Walk {
  file: string;
  document: YamlDocument;
  blocks: Record<string, Block>;
  /** Of Tempo, whose keys the blocks are; absent for a file that is not Tempo's. */
  version?: TempoVersion;
  settings: TempoSettings;
  problems: ConfigProblem[];
  /** Where each key that was set stands, by its path: for what has to be said of several keys together. */
  seen: Map<string, { raw: RawScalar | undefined; line: number; column: number }>;
}

/** Reads the block at `path` and every known block below it. */
export function walkBlock(walk: Walk, path: string, map: YAMLMap): void {
  const block = lookUp(walk.blocks, path);
  if (!block) return;
  for (const { key } of map.items) {
    if (isScalar(key) || isAlias(key)) continue;
    walk.problems.push({
      file: walk.file,
      ...walk.document.position(startOf(key as Node)),
      message: `${isMap(key) ? 'a mapping' : 'a list'} stands where a key of ${path || 'the config'} belongs`,
      remedy: 'Write a key, a colon, a space, and its value; put a value that starts with a bracket in quotes.',
    });
  }
  for (const [name, entry] of walk.document.entries(map)) walkEntry(walk, path, block, name, entry);
}

function walkEntry(walk: Walk, path: string, block: Block, name: string, entry: Entry): void {
  const key = path === '' ? name : `${path}.${name}`;
  const place = (node: Node) => walk.document.position(node.range?.[0] ?? 0);
  const setting = lookUp(block.settings, name);
  if (!blockHas(block, name)) {
    const problem =
      (walk.version && keyOfAnotherVersion(walk.version, path, name)) ?? unknownKey(walk.blocks, path, name);
    if (problem) walk.problems.push({ file: walk.file, ...place(entry.key), ...problem });
    return;
  }
  const { value } = entry;
  const raw = rawScalar(value);
  walk.seen.set(key, { raw, ...place(entry.key) });
  if (setting) {
    const result = raw
      ? readScalar(raw, setting.kind, setting.fallback)
      : {
          message: `${isMap(value) ? 'a mapping' : 'a list'} is not a value`,
          remedy: `Write one value, such as ${setting.fallback || 'a text'}.`,
        };
    if ('value' in result) setting.assign(walk.settings, result.value);
    if ('message' in result) {
      const where = value.range && value.range[1] > value.range[0] ? value : entry.key;
      walk.problems.push({ file: walk.file, ...place(where), key, ...result });
    }
  } else if (Object.hasOwn(walk.blocks, key)) {
    if (isMap(value)) walkBlock(walk, key, value);
    else if (!raw || raw.quoted || !['', '~', 'null'].includes(raw.text)) {
      walk.problems.push({
        file: walk.file,
        ...place(value),
        key,
        message: `${raw ? 'a single value' : 'a list'} stands where a block of keys belongs`,
        remedy: `Write its keys below it, indented, such as ${keysOf(walk.blocks[key] as Block)[0]}.`,
      });
    }
  }
}

/** Of a mapping that begins in the middle of a line the parser's range begins too late. */
function startOf(node: Node): number {
  const start = node.range?.[0] ?? 0;
  const first = isMap(node) ? (node.items[0]?.key as Node | undefined) : undefined;
  return Math.min(start, first?.range?.[0] ?? start);
}

/** The scalar as it is written, or undefined for a mapping or a list. */
export function rawScalar(node: Node): RawScalar | undefined {
  if (!isScalar(node)) return undefined;
  return { text: String(node.value), quoted: node.type !== 'PLAIN' };
}

/** All keys of a block, those that are read first. */
export function keysOf(block: Block): string[] {
  return [...Object.keys(block.settings), ...block.legal];
}

/** What to say of a key that the block at `path` does not have; undefined when that is none of our business. */
export function unknownKey(
  blocks: Record<string, Block>,
  path: string,
  name: string,
): { key: string; message: string; remedy: string } | undefined {
  const block = blocks[path] as Block;
  const inner = Object.keys(blocks).filter((other) => other !== path && parentOf(other) === path);
  const nearest = nearestKey(
    name,
    block.strict
      ? keysOf(block)
      : [...Object.keys(block.settings), ...inner.map((other) => other.slice(other.lastIndexOf('.') + 1))],
  );
  if (!block.strict && !nearest) return undefined;

  const whole = path === '' ? 'the config' : path;
  const others = Object.keys(blocks).filter((other) => lookUp((blocks[other] as Block).settings, name));
  // Further in, if it is there.
  const elsewhere = others.find((other) => other.startsWith(`${path}.`)) ?? others[0];
  return {
    key: [path, looksLikeKey(name) ? name : '?'].filter((part) => part !== '').join('.'),
    message: `${whole} has no such key`,
    remedy: elsewhere
      ? `It belongs under ${elsewhere}.`
      : nearest
        ? `Did you mean ${nearest}?`
        : `Its keys are ${keysOf(block).join(', ')}.`,
  };
}

/**
 * A name that is none of Tempo's may be a secret in the wrong place, so it is shown only if it is made of words, as keys are:
 * `flush_op_timout`, `flushOpTimeout`, but no run of capitals or digits.
 */
export function looksLikeKey(name: string): boolean {
  return name.length <= 48 && /^[a-z]+(?:[A-Z][a-z]+|[_-][a-z]+|\d{1,2}(?!\d)[a-z]*)*$/.test(name);
}

function parentOf(path: string): string {
  const dot = path.lastIndexOf('.');
  return dot < 0 ? '' : path.slice(0, dot);
}

/** Every setting by its full path. */
export function settingsByPath(blocks: Record<string, Block>): Map<string, Setting> {
  return new Map(
    Object.entries(blocks).flatMap(([path, block]) =>
      Object.entries(block.settings).map(
        ([name, setting]) => [path === '' ? name : `${path}.${name}`, setting] as const,
      ),
    ),
  );
}
