/** The types that events have. */
import { eventSchemas } from './schema.ts';

const types: ReadonlySet<string> = new Set(Object.keys(eventSchemas));

export function isEventType(type: string): boolean {
  return types.has(type);
}
