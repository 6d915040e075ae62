/** How deep YAML may be nested: told before it is composed. */
import { Parser } from 'yaml';

/** Tempo's own configs nest about ten deep, scenarios four. */
export const DEEPEST = 100;

/**
 * Where `text` is nested more than `DEEPEST` levels deep; `undefined` when it is not. Looks at the tokens, which are made without
 * recursion: composing 2000 open brackets ends the whole process.
 */
export function offsetOfTooDeep(text: string): number | undefined {
  for (const token of new Parser().parse(text)) {
    const open: [typeof token, number][] = [[token, 0]];
    for (let next = open.pop(); next; next = open.pop()) {
      const [current, depth] = next;
      if (depth > DEEPEST) return 'offset' in current ? current.offset : 0;
      if (current.type === 'document' && current.value) open.push([current.value, depth + 1]);
      if (!('items' in current)) continue;
      for (const item of current.items) {
        if (item.key) open.push([item.key, depth + 1]);
        if (item.value) open.push([item.value, depth + 1]);
      }
    }
  }
  return undefined;
}
