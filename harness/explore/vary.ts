/**
 * Another `with:` of a fault than its demonstration's: each parameter is varied by its kind, as the fault's schema tells it. What the
 * schema refuses, or what is too short once compressed, is left as it was.
 */
import { type DescribedParameter, describedParameters, type JsonSchema } from '../faults/described-parameters.ts';
import type { FaultDefinition } from '../faults/fault.ts';
import { type Quantity, quantityKey } from '../faults/parameters.ts';
import { type Compression, CompressionError } from '../scenario/compression.ts';
import { formatByteSize, formatRate, parseByteSize, parseRate } from '../tempo/byte-size.ts';
import { formatDuration, parseDuration } from '../tempo/go-duration.ts';
import type { Way } from './repertoire.ts';

/** A number from 0 to 1, the same for the same words. */
export type Draw = (...words: (string | number)[]) => number;

/** How often a parameter is varied at all: an amount, and a kind (one of a list; true or false). */
const AMOUNTS = 0.5;
const KINDS = 0.25;

/** Probabilities that are drawn: what acts on fewer requests than one in ten may act on none. */
const PROBABILITIES = [0.1, 0.3, 0.5, 0.8, 1];

const written: Record<Quantity, { parse(text: string): number; format(value: number): string }> = {
  duration: { parse: parseDuration, format: (ms) => formatDuration(Math.round(ms)) },
  rate: { parse: parseRate, format: formatRate },
  size: { parse: parseByteSize, format: formatByteSize },
};

/** What a fault's schema says is the same each time, and takes a millisecond to say. */
const described = new WeakMap<FaultDefinition, readonly DescribedParameter[]>();

function parametersOf(fault: FaultDefinition): readonly DescribedParameter[] {
  const known = described.get(fault) ?? describedParameters(fault);
  described.set(fault, known);
  return known;
}

/** Of several, the one that a number from 0 to 1 points at. */
export function pick<Item>(items: readonly Item[], place: number): Item {
  return items[Math.min(items.length - 1, Math.floor(place * items.length))] as Item;
}

export function varied(
  fault: FaultDefinition,
  way: Way,
  {
    factors,
    delicate,
    compression,
    draw,
  }: { factors: readonly number[]; delicate: boolean; compression: Compression; draw: Draw },
): Record<string, unknown> {
  let values: Record<string, unknown> = { ...way.with };
  for (const { name, schema, fallback } of parametersOf(fault)) {
    const value = values[name] ?? fallback;
    const other = another(schema, value, factors, delicate, (...words) => draw(name, ...words));
    if (other === undefined || other === value) continue;
    const changed = { ...values, [name]: other };
    if (isPossible(fault, changed, compression)) values = changed;
  }
  return values;
}

/** Whether the fault takes these parameters, and can be had with them under compression. */
export function isPossible(fault: FaultDefinition, values: Record<string, unknown>, compression: Compression): boolean {
  const parsed = fault.parameters.safeParse(values);
  if (!parsed.success) return false;
  try {
    fault.compress(parsed.data, compression);
    return true;
  } catch (error) {
    if (error instanceof CompressionError) return false;
    throw error;
  }
}

/** Another value of a parameter, or none. One that the demonstration does not give, and that has no default, stays away. */
function another(
  schema: JsonSchema,
  value: unknown,
  factors: readonly number[],
  delicate: boolean,
  draw: Draw,
): unknown {
  if (value === undefined) return undefined;
  const quantity = schema[quantityKey];
  if (quantity) {
    if (draw('vary') >= AMOUNTS) return undefined;
    const { parse, format } = written[quantity];
    const amount = parse(String(value)) * pick(factors, draw('factor'));
    return amount > 0 ? format(amount) : undefined;
  }
  if (schema.type === 'number' && schema.exclusiveMinimum === 0 && schema.maximum === 1) {
    return draw('vary') < AMOUNTS ? pick(PROBABILITIES, draw('probability')) : undefined;
  }
  if (schema.type === 'integer' && typeof value === 'number') {
    return draw('vary') < KINDS ? Math.max(1, Math.round(value * pick(factors, draw('factor')))) : undefined;
  }
  if (delicate || draw('vary') >= KINDS) return undefined;
  if (schema.enum) return pick(schema.enum, draw('kind'));
  return schema.type === 'boolean' ? !value : undefined;
}
