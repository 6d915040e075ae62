/**
 * Compares two courses: what a recorded Tempo did, and what our writer did under the same faults.
 *
 * 1. Put the two sequences of requests side by side: the longest common one stays together (method, path, status, bytes), and what
 *    stands between is paired in its order.
 * 2. Of what stands together compare the waits and the connections.
 * 3. Then the logged errors in their order, the counters that the recording has, and whether the block was flushed.
 */
import { alignment } from '../alignment.ts';
import type { CounterName } from './counters.ts';
import type { Course } from './course.ts';
import { type Step, stepsOf, type Wait, type WaitBounds } from './steps.ts';

export interface Row {
  /** Of the recorded Tempo. Absent: it has nothing here. */
  left?: string;
  right?: string;
  /** What is not the same, in words. Empty: nothing. */
  differs: readonly string[];
}

export interface Comparison {
  agree: boolean;
  rows: readonly Row[];
}

/** How far a long wait may be from the recorded one, beside what a random wait before it and lateness add. */
const LONG_WAIT_SHARE = 0.05;
/** Milliseconds of the clock's and the timers' own: they are cut to whole ones. */
const TIMER_MS = 2;

export function compareCourses(recorded: Course, ours: Course, bounds: WaitBounds): Comparison {
  const pairs = alignment(stepsOf(recorded, bounds), stepsOf(ours, bounds), sameStep);
  const rows: Row[] = [
    ...pairs.map(([left, right]) => requestRow(left, right, recorded, ours, bounds)),
    ...errorRows(recorded.errors, ours.errors),
    ...Object.entries(recorded.counters).map(([name, count]) =>
      valueRow(`${name} ${count}`, `${name} ${ours.counters[name as CounterName]}`),
    ),
    valueRow(flushedText(recorded.flushed), flushedText(ours.flushed)),
  ];
  return { agree: rows.every(({ differs }) => differs.length === 0), rows };
}

const flushedText = (flushed: boolean) => (flushed ? 'the block is flushed' : 'the block is not flushed');

function valueRow(left: string, right: string): Row {
  return { left, right, differs: left === right ? [] : ['it is another'] };
}

function errorRows(left: readonly string[], right: readonly string[]): Row[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) => {
    const [one, other] = [left[index], right[index]];
    return {
      ...(one !== undefined && { left: `logged: ${one}` }),
      ...(other !== undefined && { right: `logged: ${other}` }),
      differs: one === other ? [] : [one === undefined || other === undefined ? 'only one has it' : 'other words'],
    };
  });
}

function requestRow(
  left: Step | undefined,
  right: Step | undefined,
  recorded: Course,
  ours: Course,
  bounds: WaitBounds,
): Row {
  const row = { ...(left && { left: stepText(left) }), ...(right && { right: stepText(right) }) };
  if (!left || !right) return { ...row, differs: ['only one has it'] };
  const differs: string[] = [];
  if (left.method !== right.method || left.path !== right.path) differs.push('another request');
  else if (!sameBytes(left, right)) differs.push('other bytes');
  if (left.status !== right.status) differs.push('another status');
  if (left.wait && right.wait) differs.push(...waitDifferences(left.wait, right.wait, recorded, ours, bounds));
  if (left.connection && right.connection && left.connection !== right.connection) differs.push('another connection');
  return { ...row, differs };
}

/** The list of parts that completes an upload is XML, which each SDK writes in its own way. */
function sameBytes(left: Step, right: Step): boolean {
  if (left.method === 'POST') return left.bytes > 0 === right.bytes > 0;
  return left.bytes === right.bytes;
}

function waitDifferences(left: Wait, right: Wait, recorded: Course, ours: Course, bounds: WaitBounds): string[] {
  if (left.kind !== right.kind) return ['another kind of wait'];
  const slack = (course: Course) => course.slack * course.time;
  if (left.kind === 'long') {
    // Each may begin with a random wait after a last failed attempt.
    const tolerance = bounds.backoffCap + left.ms * LONG_WAIT_SHARE + slack(recorded) + slack(ours);
    return Math.abs(left.ms - right.ms) > tolerance ? ['a wait of another length'] : [];
  }
  return [
    ...outOfBounds(left, recorded).map((words) => `recorded: ${words}`),
    ...outOfBounds(right, ours).map((words) => `ours: ${words}`),
  ];
}

function outOfBounds(wait: Wait, { slack, time }: Course): string[] {
  const most = (wait.kind === 'backoff' ? wait.most : 0) + slack * time;
  const words = wait.ms > most ? [`waited longer than ${shown(most)}`] : [];
  if (wait.kind !== 'backoff' || wait.pause === undefined) return words;
  const { chosen, waited = Number.POSITIVE_INFINITY } = wait.pause;
  if (chosen > wait.most) words.push(`chose to wait longer than ${shown(wait.most)}`);
  if (waited < chosen - TIMER_MS * time) words.push(`did not wait the ${shown(chosen)} that it chose`);
  return words;
}

function stepText({ method, path, status, bytes, wait, connection }: Step): string {
  const parts = [`${method} ${path.replace('<block>/', '')}`, status, `${bytes} B`];
  if (wait && wait.ms >= 1 && wait.kind !== 'none') parts.push(`after ${shown(wait.ms)}`);
  if (connection === 'another') parts.push('another connection');
  return parts.join(', ');
}

function shown(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function sameStep(left: Step, right: Step): boolean {
  const { method, path, status } = left;
  return method === right.method && path === right.path && status === right.status && sameBytes(left, right);
}
