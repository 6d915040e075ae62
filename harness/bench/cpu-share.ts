/**
 * Where a process's CPU time goes: V8's sampling profiler over a piece of work, its samples told by what their code is part of.
 *
 * 1. Each sample belongs to the function that was running (self time). Native functions and those without a file belong to who called them.
 * 2. A function of a bundle is looked up in the bundle's source map: what counts is the file that it was written in.
 * 3. The first of the pieces whose pattern the file matches gets the sample. Idle time belongs to nobody.
 */
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The microseconds between two samples. */
const SAMPLING_US = 250;

/** A part of the work, by the files of its code: paths, `node:` modules, or V8's own `(garbage collector)` and `(program)`. */
export interface Piece {
  name: string;
  files: RegExp;
}

/** A function that ran, as V8's profiler tells it. */
export interface ProfileNode {
  id: number;
  callFrame: { functionName: string; url: string; lineNumber: number; columnNumber: number };
  children?: number[] | undefined;
}

/** The part of V8's profile that is read here. `samples`: the ids of nodes; `timeDeltas`: microseconds since the sample before. */
export interface Profile {
  nodes: readonly ProfileNode[];
  samples?: readonly number[] | undefined;
  timeDeltas?: readonly number[] | undefined;
}

/** Finds the file that a function was written in. */
export type SourceOf = (callFrame: ProfileNode['callFrame']) => string;

/** Runs `work` under the profiler. */
export async function profiled(work: () => Promise<void>): Promise<Profile> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_US });
    await session.post('Profiler.start');
    await work();
    const { profile } = await session.post('Profiler.stop');
    return profile;
  } finally {
    session.disconnect();
  }
}

/** The microseconds of each piece, idle time left out; `rest` is of what no piece names. */
export function cpuShares(profile: Profile, pieces: readonly Piece[], sourceOf: SourceOf): Map<string, number> {
  const parents = new Map<number, ProfileNode>();
  const nodes = new Map<number, ProfileNode>();
  for (const node of profile.nodes) {
    nodes.set(node.id, node);
    for (const child of node.children ?? []) parents.set(child, node);
  }
  const names = new Map<number, string | undefined>();
  const nameOf = (node: ProfileNode): string | undefined => {
    const { functionName, url } = node.callFrame;
    if (functionName === '(idle)') return undefined;
    const parent = parents.get(node.id);
    if (url === '' && !functionName.startsWith('(') && parent) return nameOf(parent);
    const file = url === '' ? functionName : sourceOf(node.callFrame);
    return pieces.find(({ files }) => files.test(file))?.name ?? 'rest';
  };
  const shares = new Map<string, number>([...pieces.map(({ name }) => [name, 0] as const), ['rest', 0]]);
  for (const [index, id] of (profile.samples ?? []).entries()) {
    if (!names.has(id)) names.set(id, nameOf(nodes.get(id) as ProfileNode));
    const name = names.get(id);
    // A sample stands for the time until the next one.
    if (name !== undefined) shares.set(name, (shares.get(name) ?? 0) + (profile.timeDeltas?.[index + 1] ?? 0));
  }
  return shares;
}

/** Reads the maps of bundles beside them (`x.js.map`), once each. A function without a map belongs to the file that it is in. */
export function sourcesByMap(): SourceOf {
  const maps = new Map<string, SourceMap | undefined>();
  const mapOf = (url: string): SourceMap | undefined => {
    if (maps.has(url)) return maps.get(url);
    let map: SourceMap | undefined;
    try {
      map = new SourceMap(JSON.parse(readFileSync(`${fileURLToPath(url)}.map`, 'utf8')));
    } catch {
      // One of Node's own, or one that is not bundled.
    }
    maps.set(url, map);
    return map;
  };
  return ({ url, lineNumber, columnNumber }) => {
    const entry = mapOf(url)?.findEntry(lineNumber, columnNumber);
    return entry && 'originalSource' in entry ? entry.originalSource : url;
  };
}
