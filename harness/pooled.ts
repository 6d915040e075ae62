/**
 * Works through a list, so many at once. @returns what each came to, in the order of the list.
 * @throws what the first to fail has thrown, once all that was under way is over: after it, no further one is begun.
 */
export async function pooled<T, R>(
  list: readonly T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const left = list.entries();
  const results: R[] = [];
  const failures: unknown[] = [];
  const worker = async () => {
    for (const [index, item] of left) {
      if (failures.length > 0) return;
      try {
        results[index] = await work(item, index);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, list.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}
