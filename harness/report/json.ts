/** `--json`: exactly one document, for machines. Its shape is the type of what is given (`RunResult`, `Comparison`, ...). */

/** @throws Error for a figure that JSON cannot hold (NaN, an infinity), which would silently become `null`. */
export function jsonDocument(value: object): string {
  const text = JSON.stringify(
    value,
    (key, part) => {
      if (typeof part === 'number' && !Number.isFinite(part))
        throw new Error(`report: "${key}" is ${part}, which JSON cannot hold`);
      return part;
    },
    2,
  );
  return `${text}\n`;
}
