import { expect, it } from 'vitest';
import { recordedCourse, type SentRequest } from './course.ts';
import { shippedRecording } from './example-recordings.ts';
import { stepsOf } from './steps.ts';

const bounds = { backoffUnit: 200, backoffCap: 1000 };
const stepsOfRecorded = (name: string) => stepsOf(recordedCourse(shippedRecording(name)), bounds);

it('knows the waits between attempts by how many have failed, and those between flushes by their length', () => {
  const waits = stepsOfRecorded('slowdown-12-on-data').map(({ wait }) => wait);
  expect(waits.slice(0, 13)).toEqual([
    { kind: 'none', ms: 0 },
    { kind: 'backoff', ms: 134, most: 200 },
    { kind: 'backoff', ms: 315, most: 400 },
    { kind: 'backoff', ms: 27, most: 800 },
    { kind: 'backoff', ms: 790, most: 1000 },
    { kind: 'backoff', ms: 244, most: 1000 },
    { kind: 'backoff', ms: 175, most: 1000 },
    { kind: 'backoff', ms: 541, most: 1000 },
    { kind: 'backoff', ms: 447, most: 1000 },
    { kind: 'backoff', ms: 202, most: 1000 },
    { kind: 'long', ms: 30_840 },
    { kind: 'backoff', ms: 46, most: 200 },
    { kind: 'backoff', ms: 155, most: 400 },
  ]);
  expect(waits.slice(13).map((wait) => wait?.kind)).toEqual(['none', 'none', 'none']);
});

it('counts the deadline of a request that was never answered as a part of the wait', () => {
  expect(stepsOfRecorded('hang-on-data-deadline-10s')[1]).toMatchObject({
    wait: { kind: 'long', ms: 40_003 },
    connection: 'another',
  });
});

it('puts parts in order, and measures their waits from their own failed attempts', () => {
  const parts = stepsOfRecorded('multipart-slowdown-2-on-part').slice(1, 6);
  expect(parts.map(({ path, status, wait }) => [path.slice(-1), status, wait])).toEqual([
    ['1', '200', undefined],
    ['2', '503', undefined],
    ['2', '503', { kind: 'backoff', ms: 21, most: 200 }],
    ['2', '200', { kind: 'backoff', ms: 60, most: 400 }],
    ['3', '200', undefined],
  ]);
});

it('takes a completion after a restart for a new one, whatever became of that before', () => {
  const steps = stepsOfRecorded('multipart-complete-commit-then-drop');
  expect(steps.map(({ method, wait }) => [method, wait?.kind])).toEqual([
    ...[
      ['POST', 'none'],
      ...Array(3).fill(['PUT', undefined]),
      ['POST', 'none'],
      ['POST', 'backoff'],
      ['DELETE', 'none'],
    ],
    ...[['POST', 'long'], ...Array(3).fill(['PUT', undefined]), ['POST', 'none']],
    ...[
      ['PUT', 'none'],
      ['PUT', 'none'],
      ['PUT', 'none'],
    ],
  ]);
});

it('tells of a connection only where it is certain which was free last', () => {
  const connections = (name: string) => stepsOfRecorded(name).map(({ connection }) => connection);
  expect(connections('reset-2-on-data')).toEqual([undefined, 'another', 'another', 'kept', 'kept', 'kept']);
  // Two parts ended within a millisecond, each on a connection of its own: the completion may take either.
  expect(connections('healthy-multipart').slice(4)).toEqual([undefined, 'kept', 'kept', 'kept']);
});

/** Requests of 5 ms, one each 20 ms: `POST ?uploads 200`. */
function stepsOfSent(sent: readonly string[], change: (requests: SentRequest[]) => void = () => {}) {
  const requests = sent.map((words, index): SentRequest => {
    const [method = '', path = '', status = ''] = words.split(' ');
    return { at: 20 * index, took: 5, method, path, status, bytes: 1, connection: 1 };
  });
  change(requests);
  return stepsOf({ ...recordedCourse(shippedRecording('healthy-multipart')), requests }, bounds);
}

it('takes a part of a new upload for a new one, whatever became of it in the upload before', () => {
  const upload = ['POST data?uploads 200', 'PUT data?partNumber=1 403'];
  const waits = stepsOfSent([...upload, 'DELETE data 204', ...upload]).map(({ wait }) => wait?.kind);
  expect(waits).toEqual(['none', undefined, 'none', 'none', undefined]);
});

it('tells nothing of a connection while another request is under way', () => {
  const sent = ['PUT data 200', 'PUT index 200'];
  expect(stepsOfSent(sent)[1]?.connection).toBe('kept');
  const slow = (requests: SentRequest[]) => Object.assign(requests[0] as SentRequest, { took: 30 });
  expect(stepsOfSent(sent, slow)[1]).not.toHaveProperty('connection');
});
