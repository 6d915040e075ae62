import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkers } from '../checkers/catalogue.ts';
import { runFake } from '../cli/fake-harness.ts';
import { faults } from '../faults/catalogue.ts';
import { places } from '../faults/fault.ts';
import { packageRoot } from '../process/child.ts';
import { parseScenario } from '../scenario/read-scenario.ts';
import { scenarioSchema } from '../scenario/scenario.ts';
import { madeDocuments, madeFolders } from './made.ts';

const docs = join(packageRoot, 'docs');
const made = await madeDocuments();
const remedy = 'run `npm run docs`';

it('are as they were committed', async () => {
  for (const [path, text] of made) {
    const committed = await readFile(join(docs, path), 'utf8').catch(() => 'there is no such file');
    expect(committed === text, `docs/${path} is not what is made: ${remedy}`).toBe(true);
  }
});

it('are no more than those', async () => {
  for (const folder of madeFolders) {
    const pages = (await readdir(join(docs, folder))).map((file) => `${folder}/${file}`);
    expect(
      pages.filter((path) => !made.has(path)),
      remedy,
    ).toEqual([]);
  }
});

describe.each(faults.map((fault) => [fault.name, fault] as const))("%s's page", (name, fault) => {
  const page = made.get(`faults/${name}.md`) ?? '';
  const blocks = (language: string) =>
    [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text]) => text as string);

  it('has an entry of a timeline, and a whole scenario, that are taken', () => {
    const [entry = '', scenario = '', ...others] = blocks('yaml');
    expect(others).toEqual([]);
    const read = parseScenario(scenario, `${name}.yaml`);
    expect(read).toMatchObject({ name, seed: 42, about: fault.demonstrations[0].about });
    expect(read.timeline.map((one) => one.fault)).toContain(name);
    const shown = scenarioSchema.parse({
      name: 'x',
      about: 'x',
      load: { rate: '1MB/s', blocks: 1 },
      timeline: parse(entry),
    });
    expect(shown.timeline).toMatchObject([{ fault: name, with: fault.parameters.parse(fault.example) }]);
  });

  it('has a command that is taken, unless it needs writers of ours', async () => {
    const commands = blocks('sh').map((text) => text.trim());
    expect(commands).toHaveLength(fault.needs?.includes('writers') ? 0 : 1);
    for (const command of commands) {
      const asked: unknown[] = [];
      const argv = await shellWords(command.replace('npx tempo-s3-chaos ', ''));
      const { stderr } = await runFake(argv, {
        faults: async () => faults,
        readInjectRequest: async (request) => asked.push(request),
      });
      expect(asked, stderr).toEqual([{ fault: name, with: expect.anything(), for: '1m' }]);
      const [request] = asked as [{ with: unknown }];
      expect(fault.parameters.parse(request.with)).toEqual(fault.parameters.parse(fault.example));
    }
  });

  it('tells every parameter, and where the fault sits', () => {
    const shape = Object.keys((fault.parameters as unknown as { shape: object }).shape);
    for (const parameter of shape) expect(page).toContain(`| \`${parameter}\` |`);
    expect(page).toContain('| where | ');
    expect(page).toContain(fault.details.trim());
  });
});

it('has every fault in the index, by place', () => {
  const index = made.get('faults/README.md') ?? '';
  const linked = [...index.matchAll(/\]\(([\w-]+)\.md\)/g)].map(([, name]) => name);
  expect(linked).toEqual(
    places.flatMap((place) => faults.filter((fault) => fault.place === place).map(({ name }) => name)),
  );
});

async function shellWords(command: string): Promise<string[]> {
  const { execFileSync } = await import('node:child_process');
  return execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);
}

it('has every checker in the index, by kind, and no link that leads nowhere', () => {
  const index = made.get('checkers/README.md') ?? '';
  const linked = [...index.matchAll(/\]\(([\w-]+)\.md\)/g)].map(([, name]) => name);
  expect(linked.sort()).toEqual(
    checkers({})
      .map(({ name }) => name)
      .sort(),
  );
  for (const [path, page] of made) {
    if (!path.startsWith('checkers/')) continue;
    for (const [, name] of page.matchAll(/\]\(([\w-]+)\.md\)/g)) {
      expect(made.has(`checkers/${name}.md`), `${path} links to ${name}.md`).toBe(true);
    }
  }
});
