/** Parameters of faults and scenarios as people write them: `500ms`, `1MiB/s`, with units, checked, and parsed to numbers. */
import { z } from 'zod';
import { parseByteSize, parseRate } from '../tempo/byte-size.ts';
import { parseDuration } from '../tempo/go-duration.ts';

/** In a schema's metadata, and so in its JSON Schema: what a text with a unit stands for. */
export const quantityKey = 'x-quantity';
export type Quantity = 'duration' | 'rate' | 'size';

function parsed(quantity: Quantity, example: string, parse: (text: string) => number, positive: boolean) {
  const kind = `a ${quantity}`;
  return z
    .union([z.string(), z.number()], { error: () => `expected ${kind}, like ${example}` })
    .transform((value, context) => {
      try {
        const number = parse(String(value));
        if (!positive || number > 0) return number;
        context.addIssue({
          code: 'custom',
          message: `${JSON.stringify(value)} is nothing at all: expected ${kind} over 0, like ${example}`,
        });
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
      }
      return z.NEVER;
    })
    .meta({ [quantityKey]: quantity });
}

/** `2m`, `500ms`; parsed to milliseconds. */
export const duration = () => parsed('duration', '500ms or 2m', parseDuration, false);

/** A duration over 0. */
export const positiveDuration = () => parsed('duration', '500ms or 2m', parseDuration, true);

/** `20MB/s`, over 0; parsed to bytes per second. */
export const rate = () => parsed('rate', '20MB/s or 512KiB/s', parseRate, true);

/** `500MiB`, over 0; parsed to bytes. */
export const byteSize = () => parsed('size', '500MiB', parseByteSize, true);

/** `500MiB`, or `0`; parsed to bytes. */
export const sizeOrNone = () => parsed('size', '500MiB', parseByteSize, false);

/** 0 to 1, over 0. */
export const probability = () =>
  z
    .number({ error: 'expected a probability, like 0.5' })
    .gt(0, 'a probability of 0 never fires: expected more than 0, like 0.5')
    .lte(1, 'expected a probability of 1 at most, like 0.5');

/** 0 to 1, over 0: of something that has to be reached. */
export const share = () =>
  z
    .number({ error: 'expected a share, like 0.99' })
    .gt(0, 'a share of 0 is always reached: expected more than 0, like 0.99')
    .lte(1, 'expected a share of 1 at most, like 0.99');

/** `2GB` or `80%`, over 0: bytes, or a share of something (0 to 1). */
export const sizeOrShare = () =>
  z
    .union([z.string(), z.number()], { error: () => 'expected a size or a share, like 2GB or 80%' })
    .transform((value, context): { bytes: number } | { share: number } => {
      const refuse = (message: string) => {
        context.addIssue({ code: 'custom', message });
        return z.NEVER;
      };
      const text = String(value);
      const percent = /^(\d+(?:\.\d+)?) ?%$/.exec(text)?.[1];
      try {
        const number = percent === undefined ? parseByteSize(text) : Number(percent) / 100;
        if (number === 0)
          return refuse(
            `${JSON.stringify(value)} is nothing at all: expected a size or a share over 0, like 2GB or 80%`,
          );
        if (percent === undefined) return { bytes: number };
        return number <= 1
          ? { share: number }
          : refuse(`${JSON.stringify(value)} is more than all: expected 100% at most`);
      } catch (error) {
        return refuse(`${(error as Error).message}, or a share such as 80%`);
      }
    })
    .meta({ [quantityKey]: 'size' });
