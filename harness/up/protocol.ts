/**
 * What `tempo-s3-chaos up` answers on its control API: the schemas that requests are checked by, that answers conform to, and that the
 * description of the API (openapi.ts) is made from.
 */
import { z } from 'zod';
import { faultNames, faults } from '../faults/catalogue.ts';
import { positiveDuration } from '../faults/parameters.ts';

/** A timer of Node's fires at once when it is set for longer than 24.8 days. */
const LONGEST_HOLD_MS = 24 * 24 * 60 * 60 * 1000;

const port = () => z.int().min(1).max(65_535);
const moment = () => z.iso.datetime();

/** A fault that needs no parameter needs no `with`. */
function orNone(parameters: z.ZodType): z.ZodType {
  return parameters.safeParse({}).success ? parameters.prefault({} as never) : parameters;
}

/** One fault of the catalogue, and for how long. */
export const injectRequest = z.discriminatedUnion(
  'fault',
  faults.map(({ name, about, parameters }) =>
    z
      .strictObject({
        fault: z.literal(name),
        with: orNone(parameters).describe("the fault's parameters"),
        for: positiveDuration()
          .refine((ms) => ms <= LONGEST_HOLD_MS, 'expected 24 days (576h) at most')
          .optional()
          .describe('after so long it is healed by itself; absent: it stays until it is healed'),
        seed: z.int().min(0).default(42).describe('keys its draws, if it makes any'),
      })
      .describe(about),
  ) as unknown as [InjectOption, ...InjectOption[]],
);

type InjectOption = z.ZodObject<
  {
    fault: z.ZodLiteral<string>;
    with: z.ZodType<Record<string, unknown>, Record<string, unknown> | undefined>;
    for: z.ZodOptional<z.ZodType<number, string | number>>;
    seed: z.ZodDefault<z.ZodInt>;
  },
  z.core.$strict
>;

/** Parsed: milliseconds, bytes, bytes per second. */
export type InjectRequest = z.output<typeof injectRequest>;
/** As it is sent. */
export type InjectInput = z.input<typeof injectRequest>;

export const evidence = z
  .strictObject({
    fired: z
      .int()
      .min(0)
      .nullable()
      .describe('how many times it acted; 0: it never took effect; null: it is not counted where it acts'),
    unit: z.string().describe('what `fired` counts'),
    measured: z
      .record(z.string(), z.union([z.number(), z.string()]))
      .optional()
      .describe('more that was measured'),
  })
  .describe('what a fault did so far, or until it was healed');

export const faultStates = ['in-force', 'healed', 'heal-failed', 'half-injected'] as const;

export const faultReport = z
  .strictObject({
    id: z.string().describe('by which it is healed: `1-s3-error`'),
    fault: z.enum(faultNames as [string, ...string[]]),
    with: z.record(z.string(), z.unknown()).describe('its parameters as parsed: milliseconds, bytes, bytes per second'),
    state: z
      .enum(faultStates)
      .describe(
        'heal-failed: it may be in force still, and may be healed again; half-injected: a part of it is in force, and only the end of `up` ends that',
      ),
    since: moment().describe('when it was in force'),
    healsAt: moment().nullable().describe('when it is healed by itself; null: it is not, or no longer'),
    healedAt: moment().nullable(),
    evidence: evidence.nullable().describe('null: it could not be asked; `error` says why'),
    error: z.string().nullable().describe('what went wrong with it'),
  })
  .describe('a fault that is, or was, in force');
export type FaultReport = z.output<typeof faultReport>;

export const faultList = z
  .strictObject({
    inForce: z.array(faultReport).describe('in the order in which they were injected'),
    healed: z.array(faultReport).describe('the last 100, the latest first'),
  })
  .describe('all faults of this `up`');
export type FaultList = z.output<typeof faultList>;

export const healedList = z
  .strictObject({ healed: z.array(faultReport).describe('those that were in force') })
  .describe('what was healed');
export type HealedList = z.output<typeof healedList>;

export const pathReport = z
  .strictObject({
    format: z.literal(1),
    id: z.string().describe('names this `up` to `inject`, `heal` and `status`'),
    upSince: moment(),
    environment: z.enum(['native', 'docker']),
    endpoint: z
      .strictObject({
        url: z.url().describe('by name: for clients that can be pointed at the DNS server'),
        host: z.string(),
        port: port(),
        secure: z.boolean().describe('TLS'),
      })
      .describe('where S3 is, past every fault'),
    byAddress: z
      .strictObject({ url: z.url(), host: z.string(), port: port() })
      .describe('the same for all other clients: they ask for no name, so faults of DNS do not reach them'),
    dnsServer: z
      .strictObject({ host: z.string(), port: port() })
      .describe('the only one that knows the name, over UDP and TCP'),
    bucket: z.string(),
    region: z.string(),
    credentials: z.strictObject({ accessKeyId: z.string(), secretAccessKey: z.string() }),
    caFile: z.string().nullable().describe('the certificate of the authority to trust, PEM; null without TLS'),
  })
  .describe('the path that is up, and how to use it');
export type PathReport = z.output<typeof pathReport>;

export const problem = z.strictObject({
  where: z.string().describe('`with.probability`'),
  message: z.string(),
  remedy: z.string().optional(),
});

export const refusal = z
  .strictObject({
    error: z.string(),
    remedy: z.string().optional(),
    problems: z.array(problem).optional().describe('of the request, one by one'),
    inForce: z.array(z.string()).optional().describe('of a heal that failed: what is still in force'),
  })
  .describe('why not');
export type Refusal = z.output<typeof refusal>;
