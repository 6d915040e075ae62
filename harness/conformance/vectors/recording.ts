/**
 * A recording: what a real Tempo sent to S3 under a known fault program, one block a file. The format is described in
 * conformance/tempo-vectors/README.md.
 */
import { z } from 'zod';
import { inPlainWords } from '../../scenario/plain-words.ts';
import { counterNames } from './counters.ts';

const match = {
  method: z.string().min(1),
  pathContains: z.string().min(1),
  times: z.int().min(1),
};

const faultSchema = z.discriminatedUnion(
  'action',
  [
    z.strictObject({
      ...match,
      action: z.literal('answer'),
      status: z.int().min(400).max(599),
      code: z.string().min(1),
    }),
    z.strictObject({ ...match, action: z.literal('reset-before-apply') }),
    z.strictObject({ ...match, action: z.literal('apply-then-reset') }),
    z.strictObject({ ...match, action: z.literal('never-answer') }),
    z.strictObject({ ...match, action: z.literal('answer-200-with-error-body'), code: z.string().min(1) }),
  ],
  {
    error: ({ code, input }) =>
      code === 'invalid_union'
        ? `no action is named ${JSON.stringify((input as { action?: unknown })?.action)}: one of ${actions.join(', ')}`
        : undefined,
  },
);

const actions = [
  'answer',
  'reset-before-apply',
  'apply-then-reset',
  'never-answer',
  'answer-200-with-error-body',
] as const;

const requestSchema = z.strictObject({
  at_ms: z.number().min(0),
  took_ms: z.number().min(0),
  method: z.string().min(1),
  path: z.string().min(1),
  status: z.union([z.int(), z.string().min(1)]),
  bytes: z.int().min(0),
  connection: z.int(),
});

const schema = z.strictObject({
  name: z.string().min(1),
  tempo: z.string().min(1),
  config: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  faults: z.array(faultSchema),
  errors: z.array(z.string()),
  metrics: z.partialRecord(z.enum(counterNames), z.number()),
  block_flushed: z.boolean(),
  requests: z.array(requestSchema).min(1),
});

export type RecordedFault = z.infer<typeof faultSchema>;
export type RecordedRequest = z.infer<typeof requestSchema>;
export type Recording = z.infer<typeof schema>;

export interface RecordingProblem {
  /** `folder/name.json: requests[3].status`. */
  where: string;
  message: string;
  remedy: string;
}

/** A recording, or a folder of them, that cannot be used: exit code 3. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';

  constructor(readonly problems: readonly RecordingProblem[]) {
    super(problems.map(({ where, message, remedy }) => `${where}: ${message} (${remedy})`).join('\n'));
  }
}

const FORMAT = 'conformance/tempo-vectors/README.md has the format';

/** `file` is for messages only. @throws RecordingError with everything that is wrong. */
export function parseRecording(text: string, file: string): Recording {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RecordingError([
      { where: file, message: `this is not JSON: ${(error as Error).message}`, remedy: FORMAT },
    ]);
  }
  const parsed = schema.safeParse(value, { error: inPlainWords });
  if (parsed.success) return parsed.data;
  throw new RecordingError(
    parsed.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => ({
            where: whereOf(file, [...issue.path, key]),
            message: 'this field is unknown',
            remedy: `take it away, so that it is not compared in silence: ${FORMAT}`,
          }))
        : [{ where: whereOf(file, issue.path), message: missing(value, issue.path, issue.message), remedy: FORMAT }],
    ),
  );
}

function missing(value: unknown, path: readonly PropertyKey[], message: string): string {
  const found = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
  return found === undefined && path.length > 0 ? 'this field is missing' : message;
}

function whereOf(file: string, path: readonly PropertyKey[]): string {
  const field = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return field === '' ? file : `${file}: ${field.replace(/^\./, '')}`;
}
