import { describe, expect, it } from 'vitest';
import { compareCourses } from './compare.ts';
import { type Course, type Pause, recordedCourse } from './course.ts';
import { diffText } from './diff-text.ts';
import { changed, shippedRecording } from './example-recordings.ts';
import { readRecordings, shippedRecordings } from './read-recordings.ts';
import type { RecordedRequest, Recording } from './recording.ts';

const bounds = { backoffUnit: 200, backoffCap: 1000 };

/** What is not the same, and where: `PUT index, ...: other bytes`. */
function differences(recorded: Recording, ours: Course): string[] {
  const { agree, rows } = compareCourses(recordedCourse(recorded), ours, bounds);
  const told = rows.flatMap(({ left, right, differs }) => differs.map((words) => `${right ?? left}: ${words}`));
  expect(agree).toBe(told.length === 0);
  return told;
}

const planted = (recording: Recording, change: (copy: Recording) => void) =>
  differences(recording, recordedCourse(changed(recording, change)));

const last = (recording: Recording) => recording.requests.at(-1) as RecordedRequest;
const at = (recording: Recording, index: number) => recording.requests[index] as RecordedRequest;

it('finds nothing between a recording and itself', async () => {
  const recordings = await readRecordings(shippedRecordings);
  expect(recordings).toHaveLength(12);
  for (const recording of recordings) expect(differences(recording, recordedCourse(recording))).toEqual([]);
});

describe('reports', () => {
  const slowdown = shippedRecording('slowdown-3-on-data');
  const lost = shippedRecording('multipart-complete-commit-then-drop');

  it('one attempt more', () => {
    const more = (copy: Recording) => {
      copy.requests.splice(3, 0, { ...at(copy, 2), at_ms: 400 });
    };
    expect(planted(slowdown, more)).toEqual(['PUT data.parquet, 503, 441961 B, after 107 ms: only one has it']);
  });

  it('one attempt less', () => {
    expect(planted(slowdown, (copy) => copy.requests.splice(1, 1))).toEqual([
      expect.stringMatching(/^PUT data\.parquet, 503, 441961 B, after 1\d\d ms: only one has it$/),
    ]);
  });

  it('another order of objects', () => {
    const swap = (copy: Recording) => {
      [at(copy, 4).path, at(copy, 5).path] = [at(copy, 5).path, at(copy, 4).path];
      [at(copy, 4).bytes, at(copy, 5).bytes] = [at(copy, 5).bytes, at(copy, 4).bytes];
    };
    expect(planted(slowdown, swap)).toEqual([
      'PUT bloom-0, 200, 102424 B: only one has it',
      'PUT bloom-0, 200, 102424 B: only one has it',
    ]);
  });

  it('a missing abort', () => {
    expect(planted(lost, (copy) => copy.requests.splice(6, 1))).toEqual([
      'DELETE data.parquet, 204, 0 B: only one has it',
    ]);
  });

  it('a restart from another object', () => {
    const fromIndex = (copy: Recording) => {
      copy.requests.splice(
        0,
        copy.requests.length,
        ...copy.requests.filter(({ at_ms }) => at_ms < 200 || at_ms > 30170),
      );
    };
    expect(planted(lost, fromIndex)).toEqual([
      expect.stringMatching(/^POST data\.parquet\?uploads.*only one has it$/),
      expect.stringMatching(/^PUT data\.parquet\?partNumber=1.*only one has it$/),
      expect.stringMatching(/^PUT data\.parquet\?partNumber=2.*only one has it$/),
      expect.stringMatching(/^PUT data\.parquet\?partNumber=3.*only one has it$/),
      expect.stringMatching(/^POST data\.parquet, 200.*only one has it$/),
      'PUT bloom-0, 200, 102424 B, after 30.1 s, another connection: another kind of wait',
      'PUT bloom-0, 200, 102424 B, after 30.1 s, another connection: another connection',
    ]);
  });

  it('another status, and other bytes', () => {
    expect(
      planted(slowdown, (copy) => {
        at(copy, 2).status = 500;
      }),
    ).toEqual(['PUT data.parquet, 500, 441961 B, after 175 ms: another status']);
    expect(
      planted(slowdown, (copy) => {
        last(copy).bytes = 325;
      }),
    ).toEqual(['PUT meta.json, 200, 325 B: other bytes']);
  });

  it('a counter that is one too high, and one that is not there', () => {
    const one = (copy: Recording) => {
      copy.metrics.tempo_ingester_failed_flushes_total = 1;
    };
    expect(planted(slowdown, one)).toEqual(['tempo_ingester_failed_flushes_total 1: it is another']);
    const none = (copy: Recording) => {
      delete copy.metrics.tempo_ingester_failed_flushes_total;
    };
    expect(planted(slowdown, none)).toEqual(['tempo_ingester_failed_flushes_total undefined: it is another']);
  });

  it('another error, one more and one less', () => {
    const hang = shippedRecording('hang-on-data-deadline-10s');
    expect(
      planted(hang, (copy) => {
        copy.errors = copy.errors.map((error) => error.replace('deadline exceeded', 'canceled'));
      }),
    ).toEqual([expect.stringMatching(/Put <url>: context canceled: other words$/)]);
    expect(planted(slowdown, (copy) => copy.errors.push('more'))).toEqual(['logged: more: only one has it']);
    expect(planted(hang, (copy) => copy.errors.pop())).toEqual([expect.stringMatching(/only one has it$/)]);
  });

  it('a block that is not flushed', () => {
    expect(
      planted(slowdown, (copy) => {
        copy.block_flushed = false;
      }),
    ).toEqual(['the block is not flushed: it is another']);
  });

  it('a connection that was kept where Tempo took another, and the reverse', () => {
    const reset = shippedRecording('reset-2-on-data');
    expect(
      planted(reset, (copy) => {
        at(copy, 1).connection = 2;
      }),
    ).toEqual(['PUT data.parquet, reset, 442252 B, after 77 ms: another connection']);
    expect(
      planted(slowdown, (copy) => {
        for (const request of copy.requests.slice(5)) request.connection = 9;
      }),
    ).toEqual(['PUT index, 200, 42 B, another connection: another connection']);
  });

  it('a flush that waits 60 s in place of 30, and one that does not wait', () => {
    const denied = shippedRecording('access-denied-1-on-data');
    const later = (ms: number) => (copy: Recording) => {
      for (const request of copy.requests.slice(1)) request.at_ms += ms;
    };
    expect(planted(denied, later(30_000))).toEqual([
      'PUT data.parquet, 200, 442100 B, after 60.0 s: a wait of another length',
    ]);
    expect(planted(denied, later(-29_900))).toEqual([
      'PUT data.parquet, 200, 442100 B, after 102 ms: another kind of wait',
    ]);
  });

  it('a wait beyond its bound', () => {
    expect(
      planted(slowdown, (copy) => {
        for (const request of copy.requests.slice(1)) request.at_ms += 300;
      }),
    ).toEqual(['PUT data.parquet, 503, 441961 B, after 382 ms: ours: waited longer than 300 ms']);
  });
});

describe('the wait that the client chose', () => {
  const slowdown = shippedRecording('slowdown-3-on-data');
  const choosing = (pauses: Pause[]): Course => {
    const course = recordedCourse(slowdown);
    const requests = course.requests.map((request, index) => {
      const pause = pauses[index];
      return pause ? { ...request, pause } : request;
    });
    return { ...course, requests };
  };

  it('is held against the bounds, however late the machine', () => {
    expect(differences(slowdown, choosing([{ chosen: 82 }, { chosen: 400 }, { chosen: 411 }]))).toEqual([]);
    expect(
      differences(slowdown, { ...choosing([{ chosen: 82 }, { chosen: 401 }, { chosen: 411 }]), slack: 400 }),
    ).toEqual(['PUT data.parquet, 503, 441961 B, after 175 ms: ours: chose to wait longer than 400 ms']);
  });

  it('is waited', () => {
    const [first, second] = [
      { chosen: 82, waited: 83 },
      { chosen: 174, waited: 180 },
    ];
    expect(differences(slowdown, choosing([first, second, { chosen: 500, waited: 498.5 }]))).toEqual([]);
    expect(differences(slowdown, choosing([first, second, { chosen: 500, waited: 411 }]))).toEqual([
      'PUT data.parquet, 200, 441961 B, after 411 ms: ours: did not wait the 500 ms that it chose',
    ]);
  });
});

it('takes the parts of one upload in any order, and the others in none but theirs', () => {
  const healthy = shippedRecording('healthy-multipart');
  const shuffled = changed(healthy, ({ requests }) => {
    const [three, one, two] = requests.slice(1, 4) as [RecordedRequest, RecordedRequest, RecordedRequest];
    requests.splice(1, 3, { ...one, at_ms: 7 }, { ...two, at_ms: 8 }, { ...three, at_ms: 14 });
  });
  expect(differences(healthy, recordedCourse(shuffled))).toEqual([]);
});

it('takes a list of parts of any length, but not none', () => {
  const healthy = shippedRecording('healthy-multipart');
  const list = (bytes: number) =>
    planted(healthy, (copy) => {
      at(copy, 4).bytes = bytes;
    });
  expect(list(425)).toEqual([]);
  expect(list(0)).toEqual([expect.stringMatching(/^POST data\.parquet, 200, 0 B.*other bytes$/)]);
});

it('compares compressed time with that of the recording', () => {
  const denied = shippedRecording('access-denied-1-on-data');
  const course = recordedCourse(denied);
  const requests = course.requests.map((request) => ({ ...request, at: request.at / 10, took: request.took / 10 }));
  expect(differences(denied, { ...course, requests, time: 10 })).toEqual([]);
  expect(differences(denied, { ...course, requests, time: 20 })).toEqual([
    'PUT data.parquet, 200, 442100 B, after 60.0 s: a wait of another length',
  ]);
});

it('is shown in two columns', () => {
  const denied = shippedRecording('access-denied-1-on-data');
  const ours = changed(denied, (copy) => {
    copy.requests.splice(2, 1);
    at(copy, 1).status = 503;
    copy.metrics = { tempo_ingester_blocks_flushed_total: 2 };
  });
  const recorded = changed(denied, (copy) => {
    copy.metrics = { tempo_ingester_blocks_flushed_total: 1 };
    copy.errors = ['short'];
  });
  const text = diffText(compareCourses(recordedCourse(recorded), recordedCourse(ours), bounds), 103);
  expect(text).toBe(
    `
recorded Tempo                                       our writer
--------------------------------------------------   --------------------------------------------------
PUT data.parquet, 403, 442100 B                      PUT data.parquet, 403, 442100 B
PUT data.parquet, 200, 442100 B, after 30.0 s      | PUT data.parquet, 503, 442100 B, after 30.0 s
  ^ another status
PUT bloom-0, 200, 102424 B                         <
PUT index, 200, 42 B                                 PUT index, 200, 42 B
PUT meta.json, 200, 324 B                            PUT meta.json, 200, 324 B
logged: short                                      | logged: error copying block from local to remote
                                                   | backend: error writing object to s3 backend,
                                                   | object single-tenant/<id>/data.parquet: <the
                                                   | server's message>
  ^ other words
tempo_ingester_blocks_flushed_total 1              | tempo_ingester_blocks_flushed_total 2
  ^ it is another
the block is flushed                                 the block is flushed`.trim(),
  );
});
