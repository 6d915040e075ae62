import { describe, expect, it } from 'vitest';
import type { AttemptEvent, EdgeEvent, HistoryEvent } from '../../history/events.ts';
import { observedCourse } from './observed-course.ts';

const block = '0b9d2f3c-1111-4222-8333-944455566677';

function edge(more: Partial<EdgeEvent>): EdgeEvent {
  return {
    ...{ t: 107, type: 'edge', id: 'a', route: 'r', connection: 1, operation: 'PutObject', bucket: 'b', start: 100 },
    ...{ key: `single-tenant/${block}/index`, method: 'PUT', bytesIn: 42, bytesOut: 0 },
    ...more,
  };
}

const attempt = (more: Partial<AttemptEvent>): AttemptEvent => ({
  ...{
    t: 0,
    type: 'attempt',
    id: 'a',
    operation: 'PutObject',
    bucket: 'b',
    key: 'k',
    request: 'q',
    attempt: 1,
    start: 0,
  },
  ...{ phases: {}, bytesSent: 0, bytesReceived: 0, outcome: 'fail' },
  ...more,
});

const statusOf = (more: Partial<EdgeEvent>) => observedCourse([edge(more)], 1).requests[0]?.status;
const pathOf = (more: Partial<EdgeEvent>) => observedCourse([edge(more)], 1).requests[0]?.path;

it('has the writing requests in the order of their arrival, with the pauses that the client tells of', () => {
  const events: HistoryEvent[] = [
    edge({ id: 'b', start: 150, t: 153, connection: 2 }),
    edge({ method: 'GET', operation: 'ListObjectsV2', start: 10 }),
    attempt({ id: 'a', retryIn: 30, status: 503, t: 110 }),
    attempt({ id: 'c', attempt: 2, start: 120, request: 'another' }),
    attempt({ id: 'b', attempt: 2, start: 141 }),
    edge({}),
  ];
  expect(observedCourse(events, 10)).toMatchObject({
    time: 10,
    requests: [
      {
        at: 0,
        took: 7,
        method: 'PUT',
        path: '<block>/index',
        bytes: 42,
        connection: 1,
        pause: { chosen: 30, waited: 31 },
      },
      { at: 50, took: 3, connection: 2 },
    ],
  });
  expect(observedCourse(events, 10).requests).toHaveLength(2);
});

it('names requests as recordings do', () => {
  expect(pathOf({ operation: 'CreateMultipartUpload', method: 'POST' })).toBe('<block>/index?uploads');
  expect(pathOf({ operation: 'UploadPart', partNumber: 3, uploadId: 'u' })).toBe('<block>/index?partNumber=3');
  expect(pathOf({ operation: 'CompleteMultipartUpload', uploadId: 'u' })).toBe('<block>/index');
  expect(pathOf({ key: `tempo/blocks/single-tenant/${block}/bloom-0` })).toBe('<block>/bloom-0');
  expect(pathOf({ key: 'single-tenant/index.json.gz' })).toBe('single-tenant/index.json.gz');
});

const upstream = { start: 101, end: 105 };

it.each<[string, Partial<EdgeEvent>]>([
  ['200', { status: 200, upstream: { ...upstream, status: 200 } }],
  ['503', { status: 503, code: 'SlowDown', rule: '1-answer' }],
  ['reset', { cut: 'rule', rule: '1-reset-before-apply' }],
  ['applied with 200, then reset', { cut: 'rule', rule: '1-apply-then-reset', upstream: { ...upstream, status: 200 } }],
  ['never answered', { cut: 'client', rule: '1-never-answer' }],
  ['200 with error SlowDown', { status: 200, code: 'SlowDown', rule: '1-answer-200-with-error-body' }],
  // What no fault has done is no course of a recording's.
  ['ended by client', { cut: 'client' }],
  ['ended by upstream', { cut: 'upstream', upstream: { ...upstream, error: 'ECONNRESET' } }],
])('says %s', (status, more) => {
  expect(statusOf(more)).toBe(status);
});

describe('what was logged', () => {
  const error = `error copying block from local to remote backend: error writing object to s3 backend, object o/${block}/index: no`;
  const failed: HistoryEvent = {
    ...{ t: 1, type: 'flush.end', writer: 'w', block, attempt: 1, outcome: 'fail', deadlineExceeded: false },
    error,
  };
  const general = error.replace(block, '<id>');

  it('is the server’s where an answer had those words', () => {
    const { errors } = observedCourse([attempt({ status: 403, message: 'no' }), failed], 1);
    expect(errors).toEqual([general.replace(/no$/, "<the server's message>")]);
  });

  it('is not where no answer came', () => {
    expect(observedCourse([attempt({ failure: 'reset', message: 'no' }), failed], 1).errors).toEqual([general]);
  });
});

it('tells whether the block was flushed', () => {
  const end = { t: 1, type: 'flush.end', writer: 'w', block, attempt: 1, deadlineExceeded: false } as const;
  expect(observedCourse([{ ...end, outcome: 'fail' }], 1).flushed).toBe(false);
  expect(observedCourse([{ ...end, outcome: 'ok' }], 1).flushed).toBe(true);
});
