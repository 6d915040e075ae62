import { expect, test } from 'vitest';
import { bloomBytes, bytesPerTrace, layOutBlock } from './block-layout.ts';

const MiB = 1024 * 1024;

test('a block of Tempo’s default size has two blooms, of the size that a real one has', () => {
  expect(layOutBlock(500 * MiB)).toEqual({ traces: 104857, blooms: 2, bloomSize: 102424, rowGroups: 6 });
});

test('a shard is full at 85466 traces: one more opens the next', () => {
  expect(layOutBlock(85466 * bytesPerTrace).blooms).toBe(1);
  expect(layOutBlock(85467 * bytesPerTrace).blooms).toBe(2);
});

test('a block made small by compression is mostly data', () => {
  expect(layOutBlock(10 * bloomBytes)).toMatchObject({ blooms: 1, bloomSize: bloomBytes });
  expect(layOutBlock(10 * bloomBytes - 1)).toMatchObject({ blooms: 1, bloomSize: bloomBytes - 1 });
  expect(layOutBlock(50_000)).toMatchObject({ blooms: 1, bloomSize: 5000 });
});

test('the smallest block has one of everything', () => {
  expect(layOutBlock(1)).toEqual({ traces: 1, blooms: 1, bloomSize: 1, rowGroups: 1 });
});
