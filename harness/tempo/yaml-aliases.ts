/** What the aliases of a YAML document stand for: told before anything follows them, so that no "alias bomb" goes off. */
import { type Alias, isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';

/** Nodes, with every alias counted as what it stands for. */
const MOST_NODES = 100_000;

/**
 * Fills `targets`, and returns the first alias that cannot be. Goes through the nodes in the order of the text, in which an
 * anchor comes before its aliases, and so knows what an alias stands for without following it.
 */
export function resolveAliases(
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
