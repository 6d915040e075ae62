import type { Random } from '../random.ts';

/** The id of a writer's block: the `number`th that it begins, from 1 on. */
export function blockId(random: Random, writer: string, number: number): string {
  return random.uuid('block', writer, number);
}
