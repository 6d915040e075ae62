/**
 * The schemas of every event, for the documents and for what a history is held against when it cannot be judged. The compiler holds them
 * against the types (schema.test.ts): neither can change alone.
 */
import { z } from 'zod';
import type { HistoryEvent } from './events.ts';
import { courseSchemas } from './schema/course.ts';
import { event } from './schema/event.ts';
import { finalReadSchemas } from './schema/final-read.ts';
import { requestSchemas } from './schema/requests.ts';
import { writerSchemas } from './schema/writers.ts';
import type { Seal } from './seal.ts';

export const eventSchemas = {
  ...courseSchemas,
  ...requestSchemas,
  ...writerSchemas,
  ...finalReadSchemas,
} satisfies Record<HistoryEvent['type'], z.ZodType>;

/** No event: the last line of the file. */
export const sealSchema = event(
  'seal',
  'The last line: what the history has to be, to the byte. `t` is that of the last event.',
  {
    events: z.int().describe('The lines before it.'),
    sha256: z.string().describe('Of all the bytes before it, hex.'),
  },
) satisfies z.ZodType<Seal>;

/** One line of a history, as JSON Schema (draft 2020-12). */
export function historyJsonSchema(): object {
  const $defs = Object.fromEntries(
    Object.entries({ ...eventSchemas, seal: sealSchema }).map(([type, schema]) => {
      const { $schema: _, ...definition } = z.toJSONSchema(schema);
      return [type, definition];
    }),
  );
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'One line of history.ndjson',
    oneOf: Object.keys($defs).map((type) => ({ $ref: `#/$defs/${type}` })),
    $defs,
  };
}
