import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scenario } from '../checkers/example-history.ts';
import { runFake } from '../cli/fake-harness.ts';
import { mergeParts } from '../history/merge.ts';
import type { RunResult } from '../scenario/run-result.ts';
import { tool } from '../scenario/tool.ts';
import { exampleEvents, writeExampleHistory } from './example-results.ts';
import { replay } from './replay.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'replay-')), 'run');
  mkdirSync(folder);
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

/** A scenario of one block; `blocks` are those that the final read finds. */
const written = (name: string, ...blocks: string[]) => writeExampleHistory(join(folder, name), blocks);

/** What the run would have written of what was judged. */
async function verdictJson(changed: Partial<RunResult> = {}): Promise<void> {
  const { compared: _compared, differences: _differences, ...judged } = await replay(folder);
  const result = { ...judged, config: 'tempo.yaml', set: [], startedAt: '2026-01-01T00:00:00.000Z', ...changed };
  writeFileSync(join(folder, 'verdict.json'), JSON.stringify(result));
}

const edit = (file: string, change: (text: string) => string) =>
  writeFileSync(file, change(readFileSync(file, 'utf8')));

/** With the real replay. */
const command = (...argv: string[]) => runFake(['replay', ...argv], { replay });

describe('a run', () => {
  it('is judged from its histories: every figure of each scenario, and the verdict of the whole', async () => {
    await written('one-minio', 'a');
    await written('two-minio', 'a');
    const { scenarios, ...run } = await replay(folder);
    expect(run).toEqual({
      format: 1,
      tool,
      verdict: 'pass',
      exitCode: 0,
      environment: 'native',
      tookMs: 700,
      folder,
      compared: null,
      differences: [],
    });
    expect(scenarios.map((one) => one.folder)).toEqual(['one-minio', 'two-minio']);
    expect(scenarios[0]).toMatchObject({
      name: 'one-minio',
      about: 'about one-minio',
      client: 'minio',
      seed: 42,
      verdict: 'pass',
      blocks: { cut: 1, flushed: 1, readBack: 1, lost: 0 },
      command: 'npx tempo-s3-chaos run example --client minio --seed 42',
      tookMs: 700,
    });
  });

  it('that lost a block fails again, with exit code 1 and its explanation', async () => {
    await written('one-minio');
    await verdictJson();
    const { exitCode, stdout } = await command(folder);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('the same as');
    expect(stdout).toContain('1 block was lost: a');
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^fail: 0 of 1 as expected, 1 not/);
  });

  it('keeps the order of its verdict.json', async () => {
    for (const name of ['a', 'b', 'c']) await written(name, 'a');
    await verdictJson();
    edit(join(folder, 'verdict.json'), (text) => {
      const result = JSON.parse(text);
      return JSON.stringify({ ...result, scenarios: result.scenarios.reverse() });
    });
    const { scenarios, differences } = await replay(folder);
    expect(scenarios.map((one) => one.folder)).toEqual(['c', 'b', 'a']);
    expect(differences).toEqual([]);
  });

  it('may be judged elsewhere, under another name', async () => {
    await written('one-minio', 'a');
    await verdictJson();
    const elsewhere = join(folder, '..', 'copied');
    cpSync(folder, elsewhere, { recursive: true });
    expect(await replay(elsewhere)).toMatchObject({ exitCode: 0, compared: { tool }, differences: [] });
  });

  it.each(['/', '//'])('may end in %s, as a shell completes it, and is told without', async (slashes) => {
    await written('one-minio');
    await verdictJson();
    const { stdout } = await command(`${folder}${slashes}`);
    expect(stdout).toContain(`evidence: ${folder}/one-minio/`);
    expect(stdout).not.toContain('//');
  });

  it('of an exploration is what failed, and not the timelines that were drawn', async () => {
    await written('explored-7-3-minio');
    mkdirSync(join(folder, 'timelines'));
    writeFileSync(join(folder, 'explore.json'), '{}');
    expect((await replay(folder)).scenarios.map((one) => one.folder)).toEqual(['explored-7-3-minio']);
  });

  it('may be judged without its verdict.json, which is said', async () => {
    await written('one-minio', 'a');
    const { exitCode, stdout } = await command(folder);
    expect(exitCode).toBe(0);
    expect(stdout.split('\n')[0]).toBe('no verdict.json to compare with: judged from the histories alone');
  });
});

describe('one scenario of a run', () => {
  it('is judged alone, and compared with what was written of it', async () => {
    await written('one-minio', 'a');
    await written('two-minio');
    await verdictJson();
    const { scenarios, ...run } = await replay(join(folder, 'one-minio'));
    expect(scenarios.map((one) => one.folder)).toEqual(['one-minio']);
    expect(run).toMatchObject({ verdict: 'pass', exitCode: 0, compared: { tool }, differences: [], folder });
  });

  it('is told by the folder as it was given, from where the user stands', async () => {
    await written('one-minio');
    const given = relative(process.cwd(), join(folder, 'one-minio'));
    expect((await command(given)).stdout).toContain(`evidence: ${given}/\n`);
  });

  it('is compared with nothing that is not about it', async () => {
    await written('one-minio', 'a');
    await verdictJson();
    renameSync(join(folder, 'one-minio'), join(folder, 'renamed'));
    expect(await replay(join(folder, 'renamed'))).toMatchObject({ compared: null, differences: [] });
  });
});

describe('a scenario that ran again', () => {
  /** Three tries: the gateway broke in two, and the third passed. With another that passed at once. */
  async function tries(): Promise<void> {
    await broken('one-minio', 'it ended');
    await broken('one-minio-try-2', 'it ended again');
    await written('one-minio-try-3', 'a');
    await written('two-minio', 'a');
  }
  const broken = (name: string, why: string) => writeExampleHistory(join(folder, name), ['a'], {}, why);
  const earlierTries = [
    {
      verdict: 'inconclusive',
      explanation: 'This run proves nothing: the harness broke: it ended.',
      folder: 'one-minio',
    },
    {
      verdict: 'inconclusive',
      explanation: 'This run proves nothing: the harness broke: it ended again.',
      folder: 'one-minio-try-2',
    },
  ];

  it.each(['with', 'without'])('is one scenario, by the verdict of its last try, %s verdict.json', async (which) => {
    await tries();
    if (which === 'with') await verdictJson();
    const { scenarios, verdict, exitCode, differences } = await replay(folder);
    expect({ verdict, exitCode, differences }).toEqual({ verdict: 'pass', exitCode: 0, differences: [] });
    expect(scenarios.map((one) => one.folder)).toEqual(['one-minio-try-3', 'two-minio']);
    expect(scenarios.map((one) => one.earlierTries)).toEqual([earlierTries, undefined]);
  });

  it('is told of as the run told of it', async () => {
    await tries();
    await verdictJson();
    const { stdout, exitCode } = await command(folder);
    expect(exitCode).toBe(0);
    expect(stdout.replace(/\s+/g, ' ')).toContain('one-minio (minio) ran again, alone: pass is the verdict of try 3.');
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^pass: 2 of 2 as expected in .*; 1 ran again; results in /);
  });

  it('keeps its place in the order of the run', async () => {
    await tries();
    await verdictJson();
    edit(join(folder, 'verdict.json'), (text) => {
      const result = JSON.parse(text);
      return JSON.stringify({ ...result, scenarios: result.scenarios.reverse() });
    });
    const { scenarios, differences } = await replay(folder);
    expect(scenarios.map((one) => one.folder)).toEqual(['two-minio', 'one-minio-try-3']);
    expect(differences).toEqual([]);
  });

  it('may be replayed try by try, each compared with what was written of it', async () => {
    await tries();
    await verdictJson();
    for (const [name, exitCode] of [
      ['one-minio', 2],
      ['one-minio-try-2', 2],
      ['one-minio-try-3', 0],
    ] as const) {
      const replayed = await replay(join(folder, name));
      expect(replayed).toMatchObject({ exitCode, compared: { tool }, differences: [] });
      expect(replayed.scenarios[0]).not.toHaveProperty('earlierTries');
    }
  });

  it('differs by an earlier try, too', async () => {
    await tries();
    await verdictJson();
    edit(join(folder, 'verdict.json'), (text) => text.replace('it ended again.', 'it was late.'));
    const { exitCode, differences } = await replay(folder);
    expect(exitCode).toBe(1);
    const was = 'This run proves nothing: the harness broke: it was late.';
    expect(differences).toMatchObject([
      { scenario: 'one-minio-try-3', field: 'earlierTries.2.explanation', was, is: earlierTries[1]?.explanation },
    ]);
    expect((await replay(join(folder, 'one-minio-try-2'))).differences).toMatchObject([{ field: 'explanation', was }]);
  });

  it('counts by the earlier try too, when that is judged as decided now: what failed is not made good by another', async () => {
    await tries();
    await verdictJson();
    // As another version would judge it, that sees the loss and not that the gateway broke.
    rmSync(join(folder, 'one-minio'), { recursive: true });
    await written('one-minio');
    const { exitCode, verdict, scenarios, differences } = await replay(folder);
    expect({ exitCode, verdict }).toEqual({ exitCode: 1, verdict: 'fail' });
    expect(scenarios.map((one) => `${one.verdict} ${one.folder}`)).toEqual([
      'fail one-minio',
      'pass one-minio-try-3',
      'pass two-minio',
    ]);
    expect(differences).toContainEqual({ scenario: 'one-minio', field: 'verdict', was: 'inconclusive', is: 'fail' });
  });

  it('is refused when the folder of an earlier try is gone', async () => {
    await tries();
    await verdictJson();
    rmSync(join(folder, 'one-minio-try-2'), { recursive: true });
    await expect(replay(folder)).rejects.toThrow('the run had scenarios whose folders are not here: one-minio-try-2');
  });

  it('is not what a folder makes it look like that is of another scenario', async () => {
    await broken('one-minio', 'it ended');
    await written('two-minio', 'a');
    renameSync(join(folder, 'two-minio'), join(folder, 'one-minio-try-2'));
    const { exitCode, scenarios } = await replay(folder);
    expect(exitCode).toBe(2);
    expect(scenarios.map((one) => one.name)).toEqual(['one-minio', 'two-minio']);
  });
});

describe('a verdict.json that says otherwise', () => {
  it('is told field by field, with the versions, and exit code 1', async () => {
    await written('one-minio', 'a');
    await verdictJson({ tool: 'tempo-s3-chaos 0.0.1', verdict: 'fail' });
    edit(join(folder, 'verdict.json'), (text) => text.replace('"lost":0', '"lost":3'));
    const { exitCode, stdout } = await command(folder);
    expect(exitCode).toBe(1);
    const lines = stdout.split('\n');
    expect(lines[0]).toBe(
      `not the same as ${join(folder, 'verdict.json')}, judged by ${tool}; tempo-s3-chaos 0.0.1 wrote it, and may have judged otherwise:`,
    );
    expect(lines.slice(1, 4)).toEqual([
      '    the run: verdict: was "fail", is "pass"',
      '    one-minio: blocks.lost: was 3, is 0',
      '',
    ]);
    expect(lines.at(-2)).toMatch(/^pass: 1 of 1 as expected/);
  });

  it('tells of a scenario that it does not know', async () => {
    await written('one-minio', 'a');
    await verdictJson();
    await written('two-minio', 'a');
    const { exitCode, differences } = await replay(folder);
    expect(exitCode).toBe(1);
    expect(differences.map(({ scenario, field, was }) => [scenario, field, was])).toEqual([
      ['two-minio', '', undefined],
    ]);
  });

  it('is all in the JSON document', async () => {
    await written('one-minio', 'a');
    await verdictJson({ exitCode: 1 });
    const { stdout, exitCode } = await command(folder, '--json');
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'pass',
      exitCode: 1,
      differences: [{ field: 'exitCode', was: 1, is: 0 }],
      scenarios: [{ folder: 'one-minio' }],
    });
  });
});

describe('is refused, with where, what and the remedy, exit code 3 and no verdict:', () => {
  const copyAgain = 'copy its folder again from where it was run, or run the scenario again';
  const which = 'name the folder of a run (chaos-results/<run>), or that of one scenario in it';
  const historyOf = (name: string) => join(folder, name, 'history.ndjson');
  const lines = (text: string) => text.match(/.*\n/g) as string[];

  const cases: Record<
    string,
    { make(): unknown; argument?(): string; where(): string; what: string | RegExp; remedy: string | RegExp }
  > = {
    'no such folder': {
      make: () => {},
      argument: () => join(folder, 'none'),
      where: () => join(folder, 'none'),
      what: 'there is no such folder',
      remedy: which,
    },
    'an empty folder': { make: () => {}, where: () => folder, what: 'the folder is empty', remedy: which },
    'a file': {
      make: () => written('x', 'a'),
      argument: () => historyOf('x'),
      where: () => historyOf('x'),
      what: 'it is a file',
      remedy: /^name its folder: .*x$/,
    },
    'a folder of something else': {
      make: () => writeFileSync(join(folder, 'notes.txt'), ''),
      where: () => folder,
      what: 'neither history.ndjson nor the folder of a scenario is in it',
      remedy: which,
    },
    'a run of which one folder has no history': {
      make: async () => {
        await written('x', 'a');
        mkdirSync(join(folder, 'y'));
      },
      where: () => join(folder, 'y'),
      what: 'there is no history.ndjson in it',
      remedy: /^copy the run's folder again, take out what is not of the run, or name .*: .*x$/,
    },
    'a folder of folders of something else': {
      make: () => mkdirSync(join(folder, 'src')),
      where: () => folder,
      what: 'neither history.ndjson nor the folder of a scenario is in it',
      remedy: which,
    },
    'a run of which only the verdict is left': {
      make: async () => {
        await written('x', 'a');
        await verdictJson();
        rmSync(historyOf('x'));
      },
      where: () => join(folder, 'x'),
      what: 'there is no history.ndjson in it',
      remedy: copyAgain,
    },
    'no name': { make: () => {}, argument: () => '', where: () => '""', what: 'it names no folder', remedy: which },
    'a history that is a folder': {
      make: () => mkdirSync(historyOf('x'), { recursive: true }),
      where: () => historyOf('x'),
      what: 'it is a folder, and the history is a file',
      remedy: copyAgain,
    },
    'an exploration that found nothing': {
      make: () => {
        mkdirSync(join(folder, 'timelines'));
        writeFileSync(join(folder, 'explore.json'), '{}');
      },
      where: () => folder,
      what: 'no history is in it: an exploration keeps those of what failed, and nothing did',
      remedy: /^run one of its timelines: tempo-s3-chaos run .*timelines\/<name>\.yaml$/,
    },
    'a run of which one scenario is under way': {
      make: async () => {
        await written('a', 'a');
        mkdirSync(join(folder, 'x', 'parts'), { recursive: true });
      },
      where: () => join(folder, 'x'),
      what: /^only parts\/ is in it/,
      remedy: /^wait until .*, or name the folder of a scenario that is over: .*run\/a$/,
    },
    'a run whose verdict.json has more scenarios': {
      make: async () => {
        await written('x', 'a');
        await written('y', 'a');
        await verdictJson();
        rmSync(join(folder, 'y'), { recursive: true });
      },
      where: () => join(folder, 'verdict.json'),
      what: 'the run had scenarios whose folders are not here: y',
      remedy: 'copy the whole folder again, or name the folder of one scenario',
    },
    'a folder of runs': {
      make: async () => {
        await written('x', 'a');
        await verdictJson();
      },
      argument: () => join(folder, '..'),
      where: () => join(folder, '..'),
      what: 'it holds runs, and is none itself',
      remedy: /^name one of them: .*run$/,
    },
    'a folder of runs, the newest of which is named': {
      make: async () => {
        await written('x', 'a');
        await verdictJson();
        cpSync(folder, join(folder, '..', 'run-later'), { recursive: true });
        mkdirSync(join(folder, '..', 'run-stopped', 'x'), { recursive: true });
      },
      argument: () => join(folder, '..'),
      where: () => join(folder, '..'),
      what: 'it holds runs, and is none itself',
      remedy: /^name one of them: .*run-later$/,
    },
    'a run that was interrupted': {
      make: () => mkdirSync(join(folder, 'x', 'parts'), { recursive: true }),
      where: () => join(folder, 'x'),
      what: 'only parts/ is in it, and no history.ndjson: the run was interrupted, or is still under way',
      remedy: 'wait until the run is over, or run the scenario again',
    },
    'a scenario that was interrupted': {
      make: () => mkdirSync(join(folder, 'x', 'parts'), { recursive: true }),
      argument: () => join(folder, 'x'),
      where: () => join(folder, 'x'),
      what: /^only parts\/ is in it/,
      remedy: /^wait until/,
    },
    'a history of no bytes': {
      make: async () => writeFileSync(await written('x', 'a'), ''),
      where: () => historyOf('x'),
      what: 'the history is empty: it has not even a seal',
      remedy: copyAgain,
    },
    'a history without its seal': {
      make: async () => edit(await written('x', 'a'), (text) => lines(text).slice(0, -1).join('')),
      where: () => historyOf('x'),
      what: 'the history was cut short: line 29 is no seal',
      remedy: copyAgain,
    },
    'a history cut short in a line': {
      make: async () => edit(await written('x', 'a'), (text) => `${lines(text).slice(0, 9).join('')}{"t":`),
      where: () => historyOf('x'),
      what: 'the history was cut short: it ends within line 10, which is no seal',
      remedy: copyAgain,
    },
    'a history without its last byte': {
      make: async () => edit(await written('x', 'a'), (text) => text.slice(0, -1)),
      where: () => historyOf('x'),
      what: 'the history was cut short: it ends within line 30, its seal',
      remedy: copyAgain,
    },
    'a history of which a line was changed': {
      make: async () => edit(await written('x'), (text) => text.replace('"objects":0', '"objects":4')),
      where: () => historyOf('x'),
      what: 'the history was edited: its lines are not those that were sealed',
      remedy: copyAgain,
    },
    'a history of which a line was removed': {
      make: async () => edit(await written('x', 'a'), (text) => lines(text).toSpliced(5, 1).join('')),
      where: () => historyOf('x'),
      what: 'the history was edited: it was sealed with 29 events, and has 28',
      remedy: copyAgain,
    },
    'a history that was added to': {
      make: async () => edit(await written('x', 'a'), (text) => `${text}{"t":1,"type":"phase","phase":"drain"}\n`),
      where: () => `${historyOf('x')}:30`,
      what: 'this line is a seal, and there is more after it: the history was edited',
      remedy: copyAgain,
    },
    'a history that half a line was added to': {
      make: async () => edit(await written('x', 'a'), (text) => `${text}{"t":1`),
      where: () => historyOf('x'),
      what: 'the history was edited: line 31 comes after its seal',
      remedy: copyAgain,
    },
    'a history that a judge would stumble over': {
      make: async () => edit(await written('x', 'a'), (text) => text.replaceAll('"objects":[', '"object":[')),
      where: () => historyOf('x'),
      what: 'the history was edited: its lines are not those that were sealed',
      remedy: copyAgain,
    },
    'another format': {
      make: async () => edit(await written('x', 'a'), (text) => text.replace('"format":1', '"format":2')),
      where: () => `${historyOf('x')}:1`,
      what: 'the history is of format 2, and this tool reads format 1',
      remedy: 'judge it with the version that wrote it: tempo-s3-chaos 0',
    },
    'what is not JSON': {
      make: async () => edit(await written('x', 'a'), (text) => lines(text).toSpliced(3, 1, 'none\n').join('')),
      where: () => `${historyOf('x')}:4`,
      what: 'this line is not JSON: the history was cut short or edited',
      remedy: copyAgain,
    },
    'a verdict.json that is not JSON': {
      make: async () => {
        await written('x', 'a');
        writeFileSync(join(folder, 'verdict.json'), '{"format":1,');
      },
      where: () => join(folder, 'verdict.json'),
      what: 'it is not JSON: it was cut short or edited',
      remedy: 'copy it again, or remove it: the histories are judged without it',
    },
    'a verdict.json of another format': {
      make: async () => {
        await written('x', 'a');
        writeFileSync(join(folder, 'verdict.json'), '{"format":2,"tool":"x 2","scenarios":[]}');
      },
      where: () => join(folder, 'verdict.json'),
      what: 'it is of format 2, and this version reads format 1',
      remedy: 'replay it with the version that wrote it (x 2), or remove it: the histories are judged without it',
    },
    'a verdict.json that is something else': {
      make: async () => {
        await written('x', 'a');
        writeFileSync(join(folder, 'verdict.json'), '{"tool":"x","scenarios":[{"folder":7}]}');
      },
      where: () => join(folder, 'verdict.json'),
      what: 'it is not the verdict of a run (format: expected 1; scenarios.0.folder: expected text)',
      remedy: /^copy it again, or remove it/,
    },
  };

  it.each(Object.entries(cases))('%s', async (_, { make, argument, where, what, remedy }) => {
    await make();
    const { exitCode, stdout, stderr } = await command(argument?.() ?? folder);
    expect(stderr).not.toContain('unexpected error');
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    const [, told = '', advised = ''] = /^tempo-s3-chaos: ([^\n]*)\n {2}remedy: ([^\n]*)\n$/.exec(stderr) ?? [];
    expect(told.slice(0, where().length + 2)).toBe(`${where()}: `);
    expect(told.slice(where().length + 2)).toEqual(typeof what === 'string' ? what : expect.stringMatching(what));
    expect(advised).toEqual(typeof remedy === 'string' ? remedy : expect.stringMatching(remedy));
  });
});

describe('a history that is whole and sealed, and not as this version writes it', () => {
  async function sealed(...events: unknown[]): Promise<string> {
    mkdirSync(join(folder, 'x', 'parts'), { recursive: true });
    writeFileSync(join(folder, 'x', 'parts', 'a.ndjson'), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    return mergeParts(join(folder, 'x'));
  }

  it('names the first event that is not as it should be, when the judge stumbles over it', async () => {
    const [run, ...others] = exampleEvents('x', ['a']);
    const file = await sealed(
      run,
      { ...others[0], wrong: 1 },
      ...others.slice(1).map(({ ...event }) => ({ ...event, objects: undefined })),
    );
    await expect(replay(folder)).rejects.toThrow(`${file}:2: this line is not a phase event of format 1`);
  });

  it.each([
    [
      'a type that no event has',
      [...exampleEvents('x', ['a']), { t: 800, type: 'weather' }],
      'of a type that no event has, "weather"',
    ],
    ['no scenario', exampleEvents('x', ['a']).slice(1), 'the history has no scenario among its 28 events'],
    ['nothing', [], 'the history has no scenario among its 0 events'],
    [
      'a scenario without expectations',
      [{ ...scenario(), scenario: {} }],
      'what the scenario example expects cannot be read',
    ],
    [
      'a scenario that says nothing about itself',
      [scenario()],
      'the scenario example cannot be read from its history (about',
    ],
  ])('is refused with %s', async (_, events, message) => {
    await sealed(...events);
    await expect(replay(folder)).rejects.toMatchObject({
      name: 'HistoryError',
      message: expect.stringContaining(message),
    });
  });
});

it('has a help with an example', async () => {
  const { stdout, exitCode } = await command('--help');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('Example:\n  $ tempo-s3-chaos replay chaos-results/');
});
