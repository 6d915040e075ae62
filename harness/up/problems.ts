/** What is wrong with a request to inject a fault, in words: where, what, and what would be valid. */
import type { z } from 'zod';
import type { JsonSchema } from '../faults/described-parameters.ts';
import { suggestion } from './suggestion.ts';

export interface Problem {
  /** `with.probability`. */
  where: string;
  message: string;
  remedy?: string;
}

/** Characters of a value that a message shows. */
const MOST_SHOWN = 80;

/** Of several objections to one value the last one is told: it is the narrowest. `schema` is that of `given`, for what would be valid. */
export function problemsOf(issues: readonly z.core.$ZodIssue[], given: unknown, schema: JsonSchema): Problem[] {
  const problems = new Map<string, Problem>();
  for (const issue of issues) {
    for (const problem of explain(issue, given, schema)) problems.set(problem.where, problem);
  }
  return [...problems.values()];
}

function explain(issue: z.core.$ZodIssue, given: unknown, schema: JsonSchema): Problem[] {
  const where = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const valid = keysAt(schema, issue.path);
    return issue.keys.map((key) => ({
      where: [...issue.path, key].map(String).join('.'),
      message: 'there is no such parameter',
      remedy: suggestion(key, valid),
    }));
  }
  const value = issue.path.reduce<unknown>((container, step) => stepInto(container, step), given);
  if (value === undefined) return [{ where, message: `it is missing: ${expected(issue)}` }];
  if (issue.code === 'invalid_value') {
    const valid = issue.values.map(String);
    return [{ where, message: `${shown(value)} is none of those there are`, remedy: suggestion(String(value), valid) }];
  }
  // Some schemas begin with the value, as text.
  const begins = [JSON.stringify(value), JSON.stringify(String(value))].some((text) => issue.message.startsWith(text));
  return [{ where, message: begins ? issue.message : `${shown(value)}: ${plain(issue.message)}` }];
}

function expected(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_value'
    ? `expected one of ${issue.values.map(String).join(', ')}`
    : plain(issue.message);
}

function plain(message: string): string {
  return message.replace(/^Invalid input: /, '');
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text;
}

function keysAt(schema: JsonSchema, path: readonly PropertyKey[]): string[] {
  let at: JsonSchema | undefined = schema;
  for (const step of path) at = at?.properties?.[String(step)] ?? (at?.items || undefined);
  return Object.keys(at?.properties ?? {});
}

function stepInto(container: unknown, step: PropertyKey): unknown {
  return (container as Record<PropertyKey, unknown> | null | undefined)?.[step];
}
