import { expect, test } from 'vitest';
import type { z } from 'zod';
import type { HistoryEvent } from './events.ts';
import { eventSchemas, historyJsonSchema, type sealSchema } from './schema.ts';
import type { Seal } from './seal.ts';

/** The same keys, each as optional, and of the same types, all the way down. */
type Plain<T> = T extends readonly (infer One)[]
  ? Plain<One>[]
  : T extends object
    ? { [Key in keyof T]: Plain<T[Key]> }
    : T;
type Identical<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Same<A, B> = Identical<Plain<A>, Plain<B>>;

type Type = keyof typeof eventSchemas;
type Event<Of extends Type> = Extract<HistoryEvent, { type: Of }>;
/** The types whose schema says something else than the type. */
type Different = { [Of in Type]: Same<Event<Of>, z.infer<(typeof eventSchemas)[Of]>> extends true ? never : Of }[Type];

test('are the types, in both directions: the compiler says so', () => {
  const different: [Different] extends [never] ? 'none' : Different = 'none';
  const seal: Same<Seal, z.infer<typeof sealSchema>> = true;
  const types: Identical<Type, HistoryEvent['type']> = true;
  // The comparison itself: an optional key too many, one that may be undefined, and one that is not optional.
  const compared: [
    Same<{ a: { b?: 1 }[] }, { a: { b?: 1 }[] }>,
    Same<{ a: 1 }, { a: 1; b?: 1 }>,
    Same<{ a?: 1 }, { a?: 1 | undefined }>,
    Same<{ a: { b: 1 } }, { a: { b?: 1 } }>,
  ] = [true, false, false, false];
  expect({ different, seal, types, compared }).toBeDefined();
});

const edge = {
  ...{ t: 2, type: 'edge', route: 'r', connection: 1, operation: 'PutObject', bucket: 'b', key: 'k', method: 'PUT' },
  ...{ start: 1, bytesIn: 0, bytesOut: 0 },
};

test('take what is written, and nothing else', () => {
  const taken = (event: object) => eventSchemas.edge.safeParse(event).success;
  expect(taken(edge)).toBe(true);
  expect(taken({ ...edge, upstream: { start: 1, end: 2 } })).toBe(true);
  expect(taken({ ...edge, upstreams: 1 })).toBe(false);
  expect(taken({ ...edge, upstream: { start: 1, end: '2' } })).toBe(false);
  expect(taken({ ...edge, operation: 'PutObjects' })).toBe(false);
  expect(taken({ ...edge, id: undefined })).toBe(false);
});

test('as JSON Schema there is one for each type, and the seal; each key is described, and none is allowed beside them', () => {
  const { $defs, oneOf } = historyJsonSchema() as { $defs: Record<string, Definition>; oneOf: { $ref: string }[] };
  const types = [...Object.keys(eventSchemas), 'seal'];
  expect(Object.keys($defs)).toEqual(types);
  expect(oneOf.map(({ $ref }) => $ref)).toEqual(types.map((type) => `#/$defs/${type}`));
  for (const [type, definition] of Object.entries($defs)) {
    expect(definition).toMatchObject({ additionalProperties: false, properties: { type: { const: type } } });
    expect(definition.description, type).toMatch(/\.$/);
    expect(definition.required, type).toEqual(expect.arrayContaining(['t', 'type']));
  }
  expect($defs.edge?.required).not.toContain('upstream');
});

interface Definition {
  description?: string;
  required?: string[];
}
