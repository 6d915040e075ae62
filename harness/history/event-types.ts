/** The types that events have. */
import type { HistoryEvent } from './events.ts';
import { eventSchemas } from './schema.ts';

export const eventTypes = Object.keys(eventSchemas) as HistoryEvent['type'][];

const types: ReadonlySet<string> = new Set(eventTypes);

export function isEventType(type: string): boolean {
  return types.has(type);
}
