import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../process/child.ts';
import { parseScenario } from '../scenario/read-scenario.ts';
import { runFake } from './fake-harness.ts';

const readme = await readFile(join(packageRoot, 'README.md'), 'utf8');
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text]) => text as string);

it('shows a scenario that can be run', () => {
  const [yaml, ...others] = blocks('yaml');
  expect(others).toEqual([]);
  expect(parseScenario(yaml as string, 'README.md').timeline).toHaveLength(2);
});

it('shows commands that the command line takes', async () => {
  const commands = blocks('sh')
    .flatMap((text) => text.split('\n'))
    .flatMap((line) => /^npx tempo-s3-chaos ([^#]*)/.exec(line)?.[1]?.trim() ?? []);
  expect(commands.length).toBeGreaterThan(4);
  for (const command of commands) expect((await runFake(command.split(' '))).exitCode, command).toBe(0);
});

it('shows a test that the suites run', async () => {
  const [test, ...others] = blocks('ts');
  expect(others).toEqual([]);
  const suite = await readFile(join(packageRoot, 'suites/public-api.suite.ts'), 'utf8');
  // The formatter breaks the longer line of the two; where the package and the config are is all else that differs.
  const bare = (text: string) => text.replace(/^\/\*\*.*\*\/$/m, '').replace(/,?\s+/g, '');
  const there = suite
    .replace('../harness/index.ts', 'tempo-s3-chaos')
    .replace('suites/configs/tempo-4361.yaml', 'tempo.yaml');
  expect(bare(there)).toBe(bare(test as string));
});
