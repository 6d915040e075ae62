import { expect, test } from 'vitest';
import type { HistoryEvent } from '../history/events.ts';
import {
  check,
  cut,
  finalRead,
  finalReadOf,
  flush,
  inOrder,
  phase,
  probed,
  processEvent,
  request,
  scenario,
  slowDown,
} from './example-history.ts';
import { historyWhole } from './history-whole.ts';

const whole = inOrder(
  scenario(),
  phase('lease', 1),
  phase('steady-state', 2),
  cut('a', 3),
  flush('a', 10),
  phase('timeline', 200),
  phase('drain', 300),
  phase('final-read', 400),
  finalRead(500, 'a'),
  phase('judging', 600),
);
const messages = (events: HistoryEvent[]) =>
  check(historyWhole, events).map(({ verdict, message }) => `${verdict}: ${message}`);

test('passes, and says how much there was', () => {
  expect(messages(whole)).toEqual(['pass: 29 events, 7 attempts, each one that was answered seen at the gateway']);
});

test('the scenario has to come first, once', () => {
  const [first, ...rest] = whole as [HistoryEvent, ...HistoryEvent[]];
  expect(messages(rest)).toEqual([
    'inconclusive: the history is not whole: it begins with phase instead of the scenario',
  ]);
  expect(messages([first, { ...first }, ...rest])).toEqual([
    'inconclusive: the history is not whole: the scenario is not its first event, or is there twice',
  ]);
});

test('phases have to come in order', () => {
  const events = whole.map(
    (event): HistoryEvent => (event.type === 'phase' && event.phase === 'drain' ? { ...event, phase: 'lease' } : event),
  );
  expect(messages(events)).toEqual(['inconclusive: the history is not whole: the phase lease comes after timeline']);
});

test('events have to be in the order of time', () => {
  expect(messages([...whole, phase('judging', 1)])[0]).toContain('not in the order of time');
});

test('the final read has to be there, with as many objects as it found', () => {
  expect(messages(whole.filter(({ type }) => type !== 'final.read'))[0]).toContain('the final read is missing');
  expect(messages(whole.map((event) => (event.type === 'final.read' ? finalReadOf(500, 5) : event)))[0]).toContain(
    'the final read found 5 objects, and 4 are in it',
  );
});

test('an attempt id is there once', () => {
  const attempt = whole.find(({ type }) => type === 'attempt') as HistoryEvent & { id: string };
  const events = inOrder(whole, [{ ...attempt }]);
  expect(messages(events)).toEqual([
    `inconclusive: the history is not whole: attempts have an id that was there before: ${attempt.id}`,
  ]);
});

test('an answered attempt that the gateway did not see went past the path', () => {
  const past = request('a', 'index', [350, 360]).slice(1);
  const [message, ...others] = messages(inOrder(whole, past));
  expect(message).toContain('inconclusive: traffic did not pass the gateway: 1 of 8 attempts');
  expect(message).toContain('PutObject chaos/single-tenant/a/index');
  expect(others).toEqual([]);
});

test('an attempt without an answer need not have reached the gateway', () => {
  const unanswered = request('a', 'index', [350, 360], { upstream: 'none' }).slice(1);
  expect(messages(inOrder(whole, unanswered))[0]).toMatch(/^pass/);
});

test('it does not matter whether client or gateway is done first', () => {
  const [edge, attempt] = slowDown('a', 'index', [350, 360]);
  expect(messages(inOrder(whole, [attempt, { ...edge, t: 365 }]))[0]).toMatch(/^pass/);
  expect(messages(inOrder(whole, [{ ...edge, t: 355 }, attempt]))[0]).toMatch(/^pass/);
});

test('what passed the gateway is an attempt that a client tells of, unless it was killed before it could', () => {
  const [edge] = request('a', 'index', [350, 360]);
  expect(messages(inOrder(whole, [edge]))).toEqual([
    'inconclusive: the history is not whole: the gateway passed 1 attempt of which no client tells (PutObject chaos/single-tenant/a/index)',
  ]);
  expect(messages(inOrder(whole, [edge], [processEvent('killed', 355)]))[0]).toMatch(/^pass/);
  // The harness's own, which is told of as a whole.
  expect(messages(inOrder(whole, [{ ...edge, id: 'probe-before-1.1' }]))[0]).toMatch(/^pass/);
});

test('the gateway has a request within the time of its attempt, or one of the two has another clock', () => {
  const [edge, attempt] = request('a', 'index', [350, 360], { edge: { answerStart: 359 } });
  const shifted = (ms: number, t: number) =>
    messages(inOrder(whole, [attempt, { ...edge, start: edge.start + ms, answerStart: 359 + ms, t }]))[0];
  // The gateway's event may come before the client's, or after it.
  for (const t of [355, 365]) {
    expect(shifted(0, t)).toMatch(/^pass/);
    for (const ms of [-1, 2])
      expect(shifted(ms, t)).toContain("the clocks of client and gateway differ: by the gateway's, 1 attempt came");
  }
  // Without an answer the client may be gone long before the gateway begins.
  const [late, given] = request('a', 'index', [350, 360], { upstream: 'none', edge: { start: 370, answerStart: 375 } });
  expect(messages(inOrder(whole, [late, given]))[0]).toMatch(/^pass/);
});

test('an attempt id that reached S3 makes other requests of those that are judged', () => {
  const withProbe = (how: object) => messages(inOrder(whole, [probed('before', 2, how)]));
  expect(withProbe({ idReachedS3: true })).toEqual([
    'inconclusive: the gateway sends attempt ids on to S3, which accepted a request that was signed with its id: S3 gets other requests than those of a writer without the harness',
  ]);
  for (const how of [{ idReachedS3: false }, {}]) expect(withProbe(how)[0]).toMatch(/^pass/);
});

test('what broke in the harness or ended a writer is inconclusive; what could not be released is a fail', () => {
  const at = (event: object) => inOrder(whole, [{ t: 350, ...event } as HistoryEvent]);
  expect(messages(at({ type: 'harness.error', where: 'dns', message: 'port taken' }))).toEqual([
    'inconclusive: the harness broke: port taken',
  ]);
  expect(messages(at({ type: 'writer.error', writer: 'ingester-0', message: 'ENOSPC' }))).toEqual([
    'inconclusive: writer ingester-0 failed, which no fault of the scenario asked for: ENOSPC',
  ]);
  expect(messages(at({ type: 'release.error', message: 'proxy is still there' }))).toEqual([
    'fail: what the scenario had leased could not be released: proxy is still there',
  ]);
});

test('what broke is told before what is missing for it', () => {
  const broken = { t: 350, type: 'harness.error', where: 'dns', message: 'port taken' } as const;
  expect(messages([...inOrder(whole.slice(0, 20), broken)]).map((message) => message.split(':')[1])).toEqual([
    ' the harness broke',
    ' the history is not whole',
  ]);
});

test('a disk that failed of itself is the machine, not a fault: inconclusive, said once', () => {
  const disk = { t: 350, type: 'disk', writer: 'w', operation: 'write', path: 'wal/x', start: 349, bytes: 0 } as const;
  const failed = { ...disk, error: 'ENOSPC: no space left on device, write' };
  expect(messages(inOrder(whole, [failed, { ...failed, path: 'wal/y' }]))).toEqual([
    'inconclusive: the disk of writer w failed, which no fault of the scenario asked for: write of wal/x: ENOSPC: no space left on device, write',
  ]);
  expect(messages(inOrder(whole, [disk, { ...failed, rule: '1-disk-full' }]))[0]).toMatch(/^pass/);
});

test('what was under way when a fault killed the writers passed the gateway, and has no attempt', () => {
  const killed: HistoryEvent = {
    t: 355,
    type: 'writer.process',
    what: 'killed',
    writers: ['w'],
    rule: '1-writer-crash',
  };
  const [edge] = request('a', 'index', [350, 360], { edge: { cut: 'client' } });
  expect(messages(inOrder(whole, [killed, edge]))[0]).toMatch(/^pass/);
});
