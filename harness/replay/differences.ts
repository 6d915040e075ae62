/** Two JSON values, field by field. */
export interface Difference {
  /** `findings.durability.message`, `blocks.lost`. */
  field: string;
  /** Absent: it was not there, or is not any more. */
  was?: unknown;
  is?: unknown;
}

/** What tells the elements of a list apart; those of others are told apart by their place. */
const names = ['checker', 'id'] as const;

/** In the order of the fields, those of `was` first. */
export function differences(was: unknown, is: unknown, field = ''): Difference[] {
  const [before, after] = [fieldsOf(was), fieldsOf(is)];
  if (!before || !after) {
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    return [{ field, ...(was !== undefined && { was }), ...(is !== undefined && { is }) }];
  }
  const all = new Set([...before.keys(), ...after.keys()]);
  return [...all].flatMap((name) =>
    differences(before.get(name), after.get(name), field === '' ? name : `${field}.${name}`),
  );
}

/** `undefined`: a value that has none. */
function fieldsOf(value: unknown): Map<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  const fields = new Map<string, unknown>();
  for (const [place, element] of value.entries()) {
    const name = nameOf(element) ?? String(place + 1);
    let unique = name;
    for (let number = 2; fields.has(unique); number++) unique = `${name} (${number})`;
    fields.set(unique, element);
  }
  return fields;
}

function nameOf(element: unknown): string | undefined {
  if (typeof element !== 'object' || element === null) return undefined;
  const named = names.map((name) => (element as Record<string, unknown>)[name]);
  return named.find((name) => typeof name === 'string');
}
