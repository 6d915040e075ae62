/**
 * Makes fault programs. Each is of one kind, the kinds take turns (so that each `ROUND` of programs holds all of them in the same
 * proportion), and what it is within its kind is drawn by (seed, number): the same program whatever the others are.
 */
import { Random } from '../random.ts';
import { PART_SIZE, type Program, type RequestFault, type Treatment } from './program.ts';

/** What minio-go tries again, and what it does not: by status, and by code (its retry.go). */
const retriedStatuses = [408, 429, 499, 500, 502, 503, 504, 520];
const finalStatuses = [301, 307, 400, 401, 403, 404, 405, 409, 411, 412, 501, 505, 507];
const retriedCodes = [
  ...[
    'RequestError',
    'RequestTimeout',
    'Throttling',
    'ThrottlingException',
    'RequestLimitExceeded',
    'RequestThrottled',
  ],
  ...['InternalError', 'ExpiredToken', 'ExpiredTokenException', 'SlowDown', 'SlowDownWrite', 'SlowDownRead'],
];
const finalCodes = [
  ...['AccessDenied', 'NoSuchBucket', 'InvalidArgument', 'EntityTooLarge', 'InvalidAccessKeyId', 'BadDigest'],
  ...['SignatureDoesNotMatch', 'QuotaExceeded', 'XMinioStorageFull', 'NotImplemented', 'PreconditionFailed'],
];

/** More requests than any client sends of one kind. */
const ALWAYS = 99;
const MiB = 1024 * 1024;
/** Parts of 5, 5 and 1 MiB. */
const THREE_PARTS = 2 * PART_SIZE + MiB;
const LAST_PART = 3;

/** What is drawn for one program, one draw after another. */
class Draws {
  #count = 0;
  readonly #random: Random;
  readonly #program: number;

  constructor(random: Random, program: number) {
    this.#random = random;
    this.#program = program;
  }

  share(): number {
    return this.#random.uniform('program', this.#program, this.#count++);
  }

  /** Both included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.share() * (to - from + 1));
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(0, list.length - 1)] as T;
  }
}

type Made = Omit<Program, 'number' | 'kind'>;

const smallSize = (draws: Draws) => draws.pick([0, 1, 1000, 4096, 65_536, 65_537, 200_000]);

function answer(status: number, code: string, more: Partial<Extract<Treatment, { kind: 'answer-error' }>> = {}) {
  return { kind: 'answer-error', status, code, message: `${code} was planted`, ...more } as const;
}

const moment = (draws: Draws) => draws.pick(['before-body', 'after-body', 'after-body', 'after-apply'] as const);
const side = (draws: Draws) => draws.pick(['before-apply', 'after-apply'] as const);

/** What minio-go takes no notice of. */
const asksToWait = (draws: Draws) => (draws.share() < 0.3 ? { retryAfter: draws.int(5, 120) } : {});

/** An error by its status alone, by its code alone, by both or by neither; with a document or without one. */
function anyAnswer(draws: Draws): Treatment {
  const when = moment(draws);
  switch (draws.int(0, 5)) {
    case 0:
      return answer(400, draws.pick(retriedCodes), { when });
    case 1:
      return answer(draws.pick(retriedStatuses), draws.pick(finalCodes), { when });
    case 2:
      return answer(draws.pick(retriedStatuses), 'None', { when, withoutDocument: true });
    case 3:
      return answer(draws.pick(finalStatuses), draws.pick(finalCodes), { when });
    default:
      return answer(draws.pick(retriedStatuses), draws.pick(retriedCodes), { when, ...asksToWait(draws) });
  }
}

/** What is tried again. */
function passing(draws: Draws): Treatment {
  const when = moment(draws);
  switch (draws.int(0, 4)) {
    case 0:
      return answer(400, draws.pick(retriedCodes), { when });
    case 1:
      return answer(draws.pick(retriedStatuses), 'None', { when, withoutDocument: true });
    case 2:
      return { kind: 'cut', when: 'before-apply' };
    default:
      return answer(draws.pick(retriedStatuses), draws.pick(retriedCodes), { when, ...asksToWait(draws) });
  }
}

/** One after another, a few requests each, up to something that is not tried again, or to the end. */
function sequence(draws: Draws, target: Pick<RequestFault, 'operation' | 'part'>, most: number): RequestFault[] {
  const faults: RequestFault[] = [];
  let from = 1;
  for (let left = draws.int(2, 4); left > 0 && from <= most; left--) {
    const to = Math.min(most, from + draws.int(0, 2));
    faults.push({ ...target, from, to, treatment: left === 1 ? anyAnswer(draws) : passing(draws) });
    from = to + 1;
  }
  return faults;
}

/** How often it goes wrong: a little, up to the last attempt but one, or each time. */
const times = (draws: Draws) => draws.pick([1, 1, 2, 3, 9, ALWAYS]);

const single = (draws: Draws, treatment: Treatment, to: number, more: Partial<Made> = {}): Made => ({
  size: smallSize(draws),
  faults: [{ operation: 'PutObject', from: 1, to, treatment }],
  divided: {},
  ...more,
});

const multipart = (faults: RequestFault[], more: Partial<Made> = {}): Made => ({
  size: THREE_PARTS,
  faults,
  divided: {},
  ...more,
});

/** One part that goes wrong. If it does so often, the last one, which is small. */
function onePart(draws: Draws, treatment: Treatment, to: number): RequestFault {
  return { operation: 'UploadPart', part: to > 3 ? LAST_PART : draws.int(1, LAST_PART), from: 1, to, treatment };
}

/** Long enough for a request that is not held, short enough for ten that are. */
const headers = { responseHeader: 50 };

const makers: Record<string, (draws: Draws) => Made> = {
  'single: status and code': (draws) =>
    draws.share() < 0.7
      ? single(
          draws,
          answer(draws.pick(retriedStatuses), draws.pick(retriedCodes), { when: moment(draws) }),
          times(draws),
        )
      : single(draws, answer(draws.pick(finalStatuses), draws.pick(finalCodes), { when: moment(draws) }), times(draws)),
  'single: code alone': (draws) => single(draws, answer(400, draws.pick(retriedCodes)), times(draws)),
  'single: status alone': (draws) =>
    single(draws, answer(draws.pick(retriedStatuses), draws.pick(finalCodes)), times(draws)),
  'single: without a document': (draws) => {
    const status = draws.pick(draws.share() < 0.6 ? retriedStatuses : finalStatuses);
    // MinIO's own way to tell a code where there can be no document.
    const headers = draws.share() < 0.3 ? { 'x-minio-error-code': draws.pick(retriedCodes) } : {};
    return single(draws, answer(status, 'None', { withoutDocument: true, headers }), times(draws));
  },
  'single: attempts used up': (draws) =>
    single(draws, answer(503, 'SlowDown', asksToWait(draws)), ALWAYS, { size: draws.pick([1, 1000, 4096]) }),
  'single: reset': (draws) => single(draws, { kind: 'cut', when: side(draws) }, times(draws)),
  'single: never answered': (draws) =>
    single(draws, { kind: 'hold', when: side(draws) }, draws.pick([1, 2, 2, ALWAYS]), { divided: headers }),
  'single: error in a 200': (draws) => single(draws, answer(200, draws.pick(retriedCodes)), 1),
  'single: answer cut short': (draws) => single(draws, { kind: 'truncate', bytes: draws.int(1, 60) }, draws.int(1, 3)),
  'single: sequence': (draws) => ({
    size: smallSize(draws),
    faults: sequence(draws, { operation: 'PutObject' }, draws.pick([6, 12])),
    divided: {},
  }),
  'multipart: create': (draws) => {
    const treatment = draws.pick([() => anyAnswer(draws), () => ({ kind: 'cut', when: side(draws) }) as const])();
    const to = times(draws);
    // A Create that never succeeds sends no part: its size costs nothing.
    return multipart([{ operation: 'CreateMultipartUpload', from: 1, to, treatment }]);
  },
  'multipart: part': (draws) => {
    const treatment = draws.pick([() => anyAnswer(draws), () => ({ kind: 'cut', when: side(draws) }) as const])();
    return multipart([onePart(draws, treatment, times(draws))]);
  },
  'multipart: part never answered': (draws) =>
    multipart([onePart(draws, { kind: 'hold', when: side(draws) }, draws.int(1, 2))], {
      divided: { responseHeader: 20 },
    }),
  'multipart: complete': (draws) => {
    const treatment = draws.pick([
      () => anyAnswer(draws),
      () => anyAnswer(draws),
      () => ({ kind: 'cut', when: side(draws) }) as const,
      () => ({ kind: 'truncate', bytes: draws.int(0, 200) }) as const,
    ])();
    return multipart([{ operation: 'CompleteMultipartUpload', from: 1, to: times(draws), treatment }]);
  },
  'multipart: error in a 200': (draws) => {
    const code = draws.pick(draws.share() < 0.7 ? retriedCodes : finalCodes);
    const where = draws.int(0, 5);
    if (where === 0)
      return multipart([{ operation: 'CreateMultipartUpload', from: 1, to: 1, treatment: answer(200, code) }]);
    if (where === 1) return multipart([onePart(draws, answer(200, code), 1)]);
    const treatment = {
      ...({ kind: 'complete-200-error', code, message: `${code} was planted` } as const),
      applied: draws.share() < 0.4,
      spacesForMs: draws.pick([0, 50]),
    };
    return multipart([{ operation: 'CompleteMultipartUpload', from: 1, to: times(draws), treatment }]);
  },
  'multipart: abort': (draws) =>
    multipart([
      onePart(draws, answer(403, 'AccessDenied'), 1),
      { operation: 'AbortMultipartUpload', from: 1, to: times(draws), treatment: passing(draws) },
    ]),
  'multipart: sequence': (draws) =>
    multipart([
      { operation: 'CreateMultipartUpload', from: 1, to: draws.int(1, 2), treatment: passing(draws) },
      ...sequence(draws, { operation: 'UploadPart', part: LAST_PART }, 4),
      { operation: 'CompleteMultipartUpload', from: 1, to: draws.int(1, 2), treatment: passing(draws) },
    ]),
  'multipart: every part': (draws) =>
    multipart([
      {
        operation: 'UploadPart',
        from: 1,
        to: draws.int(1, 2),
        treatment: answer(503, 'SlowDown', { when: 'before-body' }),
      },
    ]),
  'multipart: parts in flight': () => ({
    size: 4 * PART_SIZE + MiB,
    // Long enough for all that may be in flight to be in flight.
    faults: [{ operation: 'UploadPart', from: 1, to: 1, treatment: { kind: 'hold', when: 'after-apply', forMs: 800 } }],
    divided: {},
  }),
  'name: not resolved': (draws) => ({
    size: smallSize(draws),
    faults: [],
    name: {
      mode: draws.pick(['nxdomain', 'servfail', 'refused', 'empty', 'silent', 'silent'] as const),
      ...(draws.share() < 0.6 && { probability: draws.pick([0.4, 0.6, 0.8]) }),
    },
    divided: { dns: 20 },
  }),
  'name: not resolved, multipart': (draws) => ({
    size: PART_SIZE + 1,
    faults: [],
    name: { mode: draws.pick(['nxdomain', 'servfail', 'silent'] as const) },
    divided: { dns: 20 },
  }),
  'name: resets between': (draws) => ({
    size: smallSize(draws),
    // Each reset makes a new connection, and so another look-up.
    faults: [
      { operation: 'PutObject', from: 1, to: draws.int(2, 6), treatment: { kind: 'cut', when: 'before-apply' } },
    ],
    name: { mode: draws.pick(['nxdomain', 'servfail', 'silent', 'dead'] as const), probability: 0.5 },
    divided: { dns: 20 },
  }),
  'connect: refused': (draws) => ({
    size: smallSize(draws),
    faults: [],
    name: { mode: 'dead', ...(draws.share() < 0.6 && { probability: draws.pick([0.4, 0.7]) }) },
    divided: {},
  }),
  'connect: hangs': (draws) => ({
    size: smallSize(draws),
    faults: [],
    name: { mode: 'hanging', ...(draws.share() < 0.6 && { probability: draws.pick([0.4, 0.7]) }) },
    divided: { dial: 75 },
  }),
  'TLS: faults inside': (draws) => ({
    size: draws.pick([0, 1000, 65_537, PART_SIZE + 1]),
    tls: 'trusted',
    faults: [
      { operation: 'PutObject', from: 1, to: draws.int(1, 3), treatment: passing(draws) },
      { operation: 'UploadPart', from: 1, to: 1, treatment: passing(draws) },
    ],
    divided: {},
  }),
  'TLS: not trusted': () => ({ size: 1000, tls: 'untrusted', faults: [], divided: {} }),
  'TLS: answered in plain': () => ({ size: 1000, tls: 'answered-plain', faults: [], divided: {} }),
  'TLS: handshake hangs': () => ({ size: 1000, tls: 'hanging', faults: [], divided: { tlsHandshake: 25 } }),
  'deadline: while held': (draws) => {
    const before = draws.int(0, 2);
    return {
      size: smallSize(draws),
      faults: [
        ...(before > 0 ? [{ operation: 'PutObject', from: 1, to: before, treatment: passing(draws) } as const] : []),
        { operation: 'PutObject', from: before + 1, to: ALWAYS, treatment: { kind: 'hold', when: side(draws) } },
      ],
      divided: {},
      // Beyond all that comes before: two waits of 150 ms at most together.
      deadline: 900,
    };
  },
  'deadline: while it waits': (draws) => ({
    size: smallSize(draws),
    faults: [{ operation: 'PutObject', from: 1, to: ALWAYS, treatment: passing(draws) }],
    divided: {},
    // A quarter of what ten attempts take on average: the last one is never reached.
    deadline: 240,
    countedByChance: true,
  }),
  'deadline: no connection': (draws) => ({
    size: smallSize(draws),
    faults: [],
    name: { mode: draws.pick(['silent', 'hanging'] as const) },
    divided: {},
    deadline: 500,
  }),
  'deadline: multipart': (draws) =>
    multipart(
      [
        draws.share() < 0.5
          ? {
              operation: 'UploadPart',
              part: LAST_PART,
              from: 1,
              to: ALWAYS,
              treatment: { kind: 'hold', when: side(draws) },
            }
          : {
              operation: 'CompleteMultipartUpload',
              from: 1,
              to: ALWAYS,
              treatment: { kind: 'hold', when: side(draws) },
            },
      ],
      { deadline: 4000 },
    ),
};

/** How many of each round. */
const shares: Record<keyof typeof makers, number> = {
  'single: status and code': 4,
  'single: code alone': 2,
  'single: status alone': 2,
  'single: without a document': 3,
  'single: attempts used up': 3,
  'single: reset': 2,
  'single: never answered': 2,
  'single: error in a 200': 1,
  'single: answer cut short': 1,
  'single: sequence': 5,
  'multipart: create': 1,
  'multipart: part': 2,
  'multipart: part never answered': 1,
  'multipart: complete': 2,
  'multipart: error in a 200': 2,
  'multipart: abort': 1,
  'multipart: sequence': 1,
  'multipart: every part': 1,
  'multipart: parts in flight': 1,
  'name: not resolved': 2,
  'name: not resolved, multipart': 1,
  'name: resets between': 1,
  'connect: refused': 1,
  'connect: hangs': 1,
  'TLS: faults inside': 1,
  'TLS: not trusted': 1,
  'TLS: answered in plain': 1,
  'TLS: handshake hangs': 1,
  'deadline: while held': 1,
  'deadline: while it waits': 1,
  'deadline: no connection': 1,
  'deadline: multipart': 1,
};

export const programKinds = Object.keys(makers);

/** So many kinds later the turn begins anew; the kinds stand apart from one another, so that a few programs have many of them. */
const turn: string[] = (() => {
  const kinds: string[] = [];
  for (let round = 0; kinds.length < Object.values(shares).reduce((sum, share) => sum + share, 0); round++) {
    for (const kind of programKinds) if ((shares[kind] as number) > round) kinds.push(kind);
  }
  return kinds;
})();

/** So many programs hold every kind. */
export const ROUND = turn.length;

/** The programs 0 to `count` - 1 of a seed. */
export function fuzzedPrograms(seed: number, count: number): Program[] {
  return Array.from({ length: count }, (_, number) => made(seed, number, turn[number % ROUND] as string));
}

/** `count` programs of one kind, numbered from `first` on. */
export function programsOfKind(kind: string, seed: number, first: number, count: number): Program[] {
  return Array.from({ length: count }, (_, index) => made(seed, first + index, kind));
}

function made(seed: number, number: number, kind: string): Program {
  const make = makers[kind];
  if (!make) throw new Error(`fault programs: no kind is named ${kind}: one of ${programKinds.join(', ')}`);
  return { number, kind, ...make(new Draws(new Random(seed), number)) };
}
