import { expect, it } from 'vitest';
import { cpuShares, type Piece, type ProfileNode } from './cpu-share.ts';

const pieces: readonly Piece[] = [
  { name: 'collecting', files: /^\(garbage collector\)$/ },
  { name: 'signing', files: /crypto/ },
  { name: 'sdk', files: /node_modules/ },
];

function node(id: number, functionName: string, url: string, ...children: number[]): ProfileNode {
  return { id, callFrame: { functionName, url, lineNumber: 0, columnNumber: 0 }, children };
}

it('gives each piece the time of its own functions, native ones to their caller, idle time to nobody', () => {
  const nodes = [
    node(1, '(root)', '', 2, 3, 4, 7),
    node(2, '(idle)', ''),
    node(3, '(garbage collector)', ''),
    node(4, 'send', 'file:///dist/sdk.js', 5),
    node(5, 'sign', 'node:internal/crypto/hash', 6),
    // Written in C: it has no file.
    node(6, 'update', ''),
    node(7, 'main', 'file:///dist/bench.js'),
  ];
  const samples = [4, 5, 6, 2, 3, 7];
  const timeDeltas = [1000, 1, 20, 300, 4000, 50000, 600000];
  const sourceOf = ({ url }: ProfileNode['callFrame']) => (url.endsWith('sdk.js') ? 'node_modules/sdk/send.ts' : url);
  const shares = cpuShares({ nodes, samples, timeDeltas }, pieces, sourceOf);
  // A sample lasts until the next: the first delta is from the profile's start.
  expect([...shares]).toEqual([
    ['collecting', 50_000],
    ['signing', 20 + 300],
    ['sdk', 1],
    ['rest', 600_000],
  ]);
});

it('gives the first piece that matches what two would', () => {
  const nodes = [node(1, 'hash', 'node_modules/sdk/crypto.ts')];
  const shares = cpuShares({ nodes, samples: [1], timeDeltas: [0, 5] }, pieces, ({ url }) => url);
  expect([shares.get('signing'), shares.get('sdk')]).toEqual([5, 0]);
});
