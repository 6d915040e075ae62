/** What the schemas of events are made of. Objects are strict: a key that no event has is a mistake, or of another version. */
import { z } from 'zod';
import { s3Operations } from '../events.ts';

/** May be absent, and is never `undefined`: JSON has none. */
export const maybe = z.exactOptional;

export const operation = z.enum(s3Operations);
/** `more`: a sentence that follows. */
export const moment = (what: string, more = '') => z.number().describe(said(`${what}: on the clock of \`t\`.`, more));
export const ms = (what: string, more = '') =>
  z.number().describe(said(`${what}, in milliseconds as they passed.`, more));
const said = (what: string, more: string) => (more === '' ? what : `${what} ${more}`);
export const bytes = (what: string) => z.number().describe(`${what}, in bytes as they passed.`);
export const text = (what: string) => z.string().describe(what);
export const count = (what: string) => z.int().describe(what);

export const success = z.enum(['ok', 'fail']);

const t = z.number().describe('Milliseconds on the one monotonic clock that all processes of the machine share.');

/** `what` is told in the documents: what happened, and what `t` is if it is not when it happened. */
export function event<Type extends string, Shape extends z.core.$ZodShape>(type: Type, what: string, shape: Shape) {
  return z.strictObject({ t, type: z.literal(type), ...shape }).describe(what);
}

export const rule = maybe(text('The fault that acted on it.'));
export const writer = text('The writer: `ingester-0`.');
export const block = text("The block's id.");

export const blockObjects = z.array(
  z.strictObject({
    name: text("The name below the block's folder: `data.parquet`, `bloom-0`, `index`, `meta.json`."),
    size: bytes('Its size'),
    sha256: text('Hex.'),
  }),
);

export const keyPrefix = text('`<prefix>/<tenant>/<block>/`, without a slash in front.');
