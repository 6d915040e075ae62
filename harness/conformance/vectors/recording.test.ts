import { expect, it } from 'vitest';
import { shippedRecording } from './example-recordings.ts';
import { parseRecording, type Recording, RecordingError } from './recording.ts';

const good = shippedRecording('slowdown-3-on-data') as unknown as Record<string, unknown>;

/** Where and what, of everything that is wrong. */
function problems(text: string): string[] {
  try {
    parseRecording(text, 'f.json');
  } catch (error) {
    if (error instanceof RecordingError) return error.problems.map(({ where, message }) => `${where}: ${message}`);
    throw error;
  }
  return [];
}

const changedTo = (change: (copy: Recording) => unknown) => {
  const copy = structuredClone(good) as unknown as Recording;
  change(copy);
  return problems(JSON.stringify(copy));
};

it('takes what was recorded', () => {
  expect(problems(JSON.stringify(good))).toEqual([]);
});

it('says where a text is not JSON', () => {
  expect(problems('{"name": ')).toEqual([expect.stringMatching(/^f\.json: this is not JSON: /)]);
  expect(problems('[]')).toEqual(['f.json: expected keys with values']);
});

it('names the field that is missing, and every one', () => {
  const { faults: _, metrics: __, ...rest } = good;
  expect(problems(JSON.stringify(rest))).toEqual([
    'f.json: faults: this field is missing',
    'f.json: metrics: this field is missing',
  ]);
  expect(
    changedTo(({ requests }) => {
      delete (requests[2] as Partial<Recording['requests'][0]>).status;
    }),
  ).toEqual(['f.json: requests[2].status: this field is missing']);
});

it('names an action that is unknown, and those that there are', () => {
  expect(
    changedTo(({ faults }) => {
      (faults[0] as { action: string }).action = 'explode';
    }),
  ).toEqual([
    'f.json: faults[0].action: no action is named "explode": one of answer, reset-before-apply, apply-then-reset, ' +
      'never-answer, answer-200-with-error-body',
  ]);
  expect(
    changedTo(({ faults }) => {
      delete (faults[0] as { action?: string }).action;
    }),
  ).toEqual(['f.json: faults[0].action: this field is missing']);
});

it('refuses what it would not compare', () => {
  expect(changedTo((copy) => Object.assign(copy, { reads: [] }))).toEqual(['f.json: reads: this field is unknown']);
  expect(changedTo(({ metrics }) => Object.assign(metrics, { tempo_other_total: 1 }))).toEqual([
    'f.json: metrics.tempo_other_total: this field is unknown',
  ]);
  expect(changedTo(({ faults }) => Object.assign(faults[0] ?? {}, { status: 200 }))).toEqual([
    'f.json: faults[0].status: expected 400 or more',
  ]);
  expect(changedTo(({ requests }) => requests.splice(0))).toEqual([
    'f.json: requests: expected at least 1 in the list, and it is empty',
  ]);
});
