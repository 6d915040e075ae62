import { expect, it } from 'vitest';
import { type Load, loadSchema, othersBeside, processCount, writerNames } from './load.ts';

const load = (how: object = {}): Load => loadSchema.parse({ rate: '1MB/s', blocks: 2, ...how });

it.each([
  [1, 1],
  [8, 1],
  [9, 2],
  [30, 4],
  [100, 13],
])('%i writers run in %i processes, unless told otherwise', (writers, processes) => {
  expect(processCount(load({ writers }))).toBe(processes);
  expect(processCount(load({ writers, processes: writers }))).toBe(writers);
});

it('has no more processes than writers', () => {
  const { error } = loadSchema.safeParse({ rate: '1MB/s', blocks: 2, writers: 3, processes: 4 });
  expect(error?.issues).toMatchObject([
    { path: ['processes'], message: 'more processes than writers: expected 3 at most' },
  ]);
});

it('names its writers as ingesters are', () => {
  expect(writerNames(load({ writers: 3 }))).toEqual(['ingester-0', 'ingester-1', 'ingester-2']);
});

it('has as many queriers and compactors beside them as it says, or as the deployment has, or none', () => {
  const deployment = { queriers: 40, compactors: 12 };
  const beside = (background?: object) => othersBeside(load(background && { background }), deployment);
  expect(beside()).toEqual({ queriers: 0, compactors: 0 });
  expect(beside({})).toEqual(deployment);
  expect(beside({ queriers: 3 })).toEqual({ queriers: 3, compactors: 12 });
  expect(beside({ queriers: 'deployment', compactors: 0 })).toEqual({ queriers: 40, compactors: 0 });
});
