import { expect, test } from 'vitest';
import type { Finding } from '../checkers/checker.ts';
import { excuseLateness } from './excuse-lateness.ts';

const kindOf = (checker: string) =>
  checker === 'durability' ? 'safety' : checker === 'harness-on-time' ? 'validity' : 'budget';
const late = { against: () => ({ late: true, describe: () => 'the harness was late by 90ms' }) };
const inTime = { against: () => ({ late: false, describe: () => 'the harness was late by 1ms' }) };
const onTime: Finding = { checker: 'harness-on-time', verdict: 'pass', message: 'a note' };
const missed: Finding = { checker: 'recovered-within', verdict: 'fail', message: '1 block late', blocks: ['a'] };
const lost: Finding = { checker: 'durability', verdict: 'fail', message: '1 block lost' };
const met: Finding = { checker: 'visible-within', verdict: 'pass', message: 'in time' };

test('a missed budget becomes inconclusive when the harness was late, with the figures', () => {
  expect(excuseLateness([missed, met, onTime], late, kindOf)).toEqual([
    { ...missed, verdict: 'inconclusive', message: '1 block late; but the harness was late by 90ms' },
    met,
    { ...onTime, verdict: 'inconclusive', message: 'the harness was late by 90ms, and that budget was missed' },
  ]);
});

test('a lost block is not excused', () => {
  expect(excuseLateness([lost, onTime], late, kindOf)).toEqual([lost, onTime]);
  expect(excuseLateness([lost, missed, onTime], late, kindOf)[0]).toEqual(lost);
});

test('nothing changes with all budgets met, or a harness on time', () => {
  expect(excuseLateness([met, onTime], late, kindOf)).toEqual([met, onTime]);
  expect(excuseLateness([missed, onTime], inTime, kindOf)).toEqual([missed, onTime]);
});

test('only the budget that the harness was late for is excused', () => {
  const harness = {
    against: ({ checker }: Finding) => ({
      late: checker === 'recovered-within',
      describe: () => `late for ${checker}`,
    }),
  };
  const invisible: Finding = { ...met, verdict: 'fail' };
  expect(excuseLateness([invisible, missed, onTime], harness, kindOf)).toEqual([
    invisible,
    { ...missed, verdict: 'inconclusive', message: '1 block late; but late for recovered-within' },
    { ...onTime, verdict: 'inconclusive', message: 'late for recovered-within, and that budget was missed' },
  ]);
});
