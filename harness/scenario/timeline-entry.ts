/**
 * An entry of a timeline, as people write it: a fault with its time, alone or repeated, as a ramp, after another entry; or a stretch
 * of random faults. expand-timeline.ts makes of each what is injected one by one.
 */
import { z } from 'zod';
import { faultNamed, faultNames } from '../faults/catalogue.ts';
import { duration, positiveDuration } from '../faults/parameters.ts';
import { inPlainWords } from './plain-words.ts';

/** More than this of anything in one timeline is a slip of the keyboard. */
const MOST = 1000;

const faultName = () => z.enum(faultNames as [string, ...string[]]);
const parameters = () => z.record(z.string(), z.unknown());

type Values = Record<string, unknown>;
type Issue = Exclude<Parameters<z.core.$RefinementCtx['addIssue']>[0], string>;
type Refuse = (path: PropertyKey[], message: string) => void;

const repeat = z.strictObject({
  every: positiveDuration().describe('from the beginning of one to the beginning of the next'),
  times: z.int().min(2).max(MOST).describe('how often in all'),
});

const ramp = z.strictObject({
  to: parameters().describe('parameters at the end; those of `with` are the beginning'),
  steps: z
    .int()
    .min(2)
    .max(100)
    .default(5)
    .describe('of equal length; each is a fault of its own, with evidence of its own'),
});

const random = z.strictObject({
  faults: z.int().min(1).max(MOST).describe('how many'),
  shortest: positiveDuration().describe('no fault lasts less'),
  longest: positiveDuration().describe('no fault lasts longer'),
  of: z
    .array(
      z.strictObject({
        fault: faultName(),
        with: parameters().default({}),
        weight: z.number().gt(0, 'a weight is over 0').default(1).describe('how often it is drawn, against the others'),
      }),
    )
    .nonempty()
    .describe('what is drawn from'),
});

/** One entry, its parameters checked by the fault's own schema. */
export const timelineEntry = z
  .strictObject({
    at: duration()
      .optional()
      .describe('after the steady state was reached; with `after`: after the end of that entry (then absent: at once)'),
    after: z
      .union([z.literal('previous'), z.int().min(1)])
      .optional()
      .describe('begins when another entry has ended: `previous`, or its number'),
    for: positiveDuration().describe('until it is healed; of `random`: the stretch in which all of them lie'),
    fault: faultName().optional().describe('a fault of the catalogue'),
    with: parameters().default({}).describe("the fault's parameters"),
    repeat: repeat.optional().describe('the same again and again'),
    ramp: ramp.optional().describe('from the parameters of `with` to others, step by step'),
    random: random.optional().describe('in place of `fault`: seeded random faults'),
  })
  .transform((entry, context) => {
    let refused = false;
    const refuse: Refuse = (path, message) => {
      refused = true;
      context.addIssue({ code: 'custom', path, message });
    };
    const parse = (fault: string, given: Values, path: PropertyKey[]): Values => {
      const parsed = faultNamed(fault).parameters.safeParse(given, { error: inPlainWords });
      if (parsed.success) return parsed.data as Values;
      refused = true;
      for (const issue of parsed.error.issues) {
        context.addIssue({ ...issue, path: [...path, ...issue.path] } as Issue);
      }
      return {};
    };
    const { at, after, fault, random, ramp, repeat } = entry;
    if (at === undefined && after === undefined) refuse(['at'], 'expected a duration, like 20s');
    if (fault === undefined && random === undefined) refuse(['fault'], 'expected a fault');
    if (repeat && repeat.every <= entry.for) {
      refuse(['repeat', 'every'], 'each has to end before the next begins: expected more than `for`');
    }
    if (random) {
      for (const key of ['fault', 'ramp', 'repeat'] as const) {
        if (entry[key] !== undefined) refuse([key], '`random` draws its own faults: leave this out');
      }
      if (random.longest < random.shortest) refuse(['random', 'longest'], 'expected `shortest` or more');
      if (random.longest > entry.for) refuse(['random', 'longest'], 'expected `for` at most, the stretch they lie in');
    }
    const given = fault === undefined ? {} : parse(fault, entry.with, ['with']);
    const to =
      fault === undefined || !ramp
        ? undefined
        : rampEnd(given, parse(fault, { ...entry.with, ...ramp.to }, ['ramp', 'to']), ramp.to, refuse);
    const of = random?.of.map((one, index) => ({
      ...one,
      with: parse(one.fault, one.with, ['random', 'of', index, 'with']),
    }));
    if (refused) return z.NEVER;
    return {
      at: at ?? 0,
      for: entry.for,
      with: given,
      ...(after !== undefined && { after }),
      ...(fault !== undefined && { fault }),
      ...(repeat && { repeat }),
      ...(ramp && to && { ramp: { steps: ramp.steps, to } }),
      ...(random && of && { random: { ...random, of } }),
    };
  });

export type PlannedEntry = z.output<typeof timelineEntry>;

/** The parameters at a ramp's end: those that change are numbers at both ends. */
function rampEnd(from: Values, end: Values, asked: Values, refuse: Refuse): Record<string, number> {
  const to: Record<string, number> = {};
  for (const key of Object.keys(asked)) {
    const value = end[key];
    if (value === undefined) continue;
    if (typeof value === 'number' && typeof from[key] === 'number') to[key] = value;
    else
      refuse(
        ['ramp', 'to', key],
        'only numbers (durations, rates, sizes, probabilities) can be ramped, from one that `with` gives',
      );
  }
  if (Object.keys(asked).length === 0) refuse(['ramp', 'to'], 'expected a parameter to change');
  return to;
}
