/** Settings out of a history: as the writer got them (compressed), in whatever form the version had that recorded them. */

/** `undefined`: there is nothing at that place. */
export function valueAt(settings: unknown, ...path: readonly string[]): unknown {
  return path.reduce((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], settings);
}

/** `undefined`: there is no number at that place. */
export function numberAt(settings: unknown, ...path: readonly string[]): number | undefined {
  const value = valueAt(settings, ...path);
  return typeof value === 'number' ? value : undefined;
}
