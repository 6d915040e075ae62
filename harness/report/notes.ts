/** What is worth telling of scenarios that passed as they were to: what they cost that Tempo promises nothing about. */
import type { RunResult } from '../scenario/run-result.ts';
import { isPlainPass } from './verdict-words.ts';
import { printable, wrap } from './wrap.ts';

/** A paragraph for each scenario, the clients of which that tell the same together; `undefined` when there is nothing to tell. */
export function notes({ scenarios }: Pick<RunResult, 'scenarios'>, width: number): string | undefined {
  const told = new Map<string, { name: string; clients: string[]; text: string }>();
  for (const result of scenarios) {
    if (!isPlainPass(result) || result.explanation === '') continue;
    const { name, client, explanation: text } = result;
    const key = JSON.stringify([name, text]);
    const known = told.get(key);
    if (known) known.clients.push(client);
    else told.set(key, { name, clients: [client], text });
  }
  if (told.size === 0) return undefined;
  return [...told.values()]
    .map(({ name, clients, text }) =>
      wrap(`${printable(name)} (${clients.join(', ')}): ${text}`, width, '    ').trimStart(),
    )
    .join('\n');
}
