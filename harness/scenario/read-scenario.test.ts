import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultNames } from '../faults/catalogue.ts';
import { packageRoot } from '../process/child.ts';
import { parseScenario, readScenario } from './read-scenario.ts';
import { ScenarioError } from './scenario-error.ts';

const base = 'name: a\nabout: b\nload: { rate: 1MB/s, blocks: 2 }\n';
const timeline = (...entries: string[]) => `${base}timeline:\n${entries.map((entry) => `  - { ${entry} }\n`).join('')}`;

function messageOf(text: string): string {
  try {
    parseScenario(text, 's.yaml');
  } catch (error) {
    if (error instanceof ScenarioError) return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

const KEYS = 'name, about, seed, compression, load, set, timeline, expect';
const NO_DURATION = 'a duration is a number with a unit of h, m, s, ms, us or ns, such as 15m, 1h30m, 1.5s or 500ms';

describe('a scenario', () => {
  it('is read with defaults, durations in milliseconds, sizes in bytes', () => {
    const text = timeline('at: 20s, for: 2m, fault: latency, with: { latency: 500ms }');
    expect(parseScenario(`${text}expect: { recoveredWithin: 3m }\n`, 's.yaml')).toEqual({
      name: 'a',
      about: 'b',
      seed: 42,
      compression: { time: 1, bytes: 1 },
      load: { writers: 1, rate: 1_000_000, blocks: 2, traceLength: 0, startOver: 0, limits: false, compactors: 0 },
      set: {},
      timeline: [
        { at: 20_000, for: 120_000, fault: 'latency', with: { latency: 500, jitter: 0, direction: 'downstream' } },
      ],
      expect: { verdict: 'pass', lost: 0, recoveredWithin: 180_000 },
    });
  });

  it('may have aliases, of what came before', () => {
    const text = timeline(
      'at: &when 20s, for: 2m, fault: latency, with: { latency: 1s }',
      'at: *when, for: 2m, fault: s3-error',
    );
    expect(parseScenario(text, 's.yaml').timeline.map(({ at }) => at)).toEqual([20_000, 20_000]);
  });
});

describe('what is wrong is told with where, what, and what would be right', () => {
  it.each([
    [
      'a writer that there is not',
      timeline('at: 1s, for: 1m, fault: disk-slow, with: { latency: 1s, writers: [ingester-0, ingester-7] }'),
      '5:85: timeline entry 1, with.writers.entry 2: "ingester-7": there is no such writer: load.writers is 1, so there is ingester-0',
    ],
    [
      'one beyond those that there are',
      'name: a\nabout: b\nload: { rate: 1MB/s, blocks: 2, writers: 3 }\ntimeline:\n  - { at: 1s, for: 1m, fault: writer-crash, with: { writers: [ingester-3] } }',
      '5:63: timeline entry 1, with.writers.entry 1: "ingester-3": there is no such writer: load.writers is 3, so there are ingester-0 to ingester-2',
    ],
    [
      'one that random faults are to act on',
      timeline(
        'at: 1s, for: 9m, random: { faults: 1, shortest: 1s, longest: 2s, of: [{ fault: writer-pause, with: { writers: [w] } }] }',
      ),
      '5:118: timeline entry 1, random.of.entry 1.with.writers.entry 1: "w": there is no such writer: load.writers is 1, so there is ingester-0',
    ],
    [
      'more processes than writers',
      'name: a\nabout: b\nload: { rate: 1MB/s, blocks: 2, writers: 2, processes: 3 }',
      '3:45: load.processes: 3: more processes than writers: expected 2 at most',
    ],
    [
      'a number of queriers that is none',
      'name: a\nabout: b\nload: { rate: 1MB/s, blocks: 2, background: { queriers: many } }',
      '3:47: load.background.queriers: "many": expected a number up to 1000, or deployment',
    ],
    ['an unknown key', `${base}sed: 1`, '4:1: there is no key "sed" here (did you mean seed?)'],
    ['one far from all', `${base}colour: 1`, `4:1: there is no key "colour" here (valid: ${KEYS})`],
    ['one below another', `${base}expect:\n  lots: 1`, '5:3: expect: there is no key "lots" here (did you mean lost?)'],
    [
      'one of a timeline entry',
      timeline('att: 1s, at: 1s, for: 1s, fault: s3-error'),
      '5:7: timeline entry 1: there is no key "att" here (did you mean at?)',
    ],
    [
      "one of a fault's parameters",
      timeline('at: 1s, for: 1s, fault: s3-error, with: { probabilty: 0.5 }'),
      '5:49: timeline entry 1, with: there is no key "probabilty" here (did you mean probability?)',
    ],
    [
      'a duration without unit',
      timeline('at: 5, for: 1s, fault: s3-error'),
      `5:7: timeline entry 1, at: "5" is no duration, its unit is missing: ${NO_DURATION}`,
    ],
    [
      'a wrong unit',
      timeline('at: 5s, for: 2min, fault: s3-error'),
      `5:15: timeline entry 1, for: "2min" is no duration: ${NO_DURATION}`,
    ],
    [
      'a wrong unit of a parameter',
      timeline('at: 5s, for: 2m, fault: bandwidth, with: { rate: 8Mb/s }'),
      '5:50: timeline entry 1, with.rate: "8Mb/s" is no rate, b means bits: 8Mb is 1MB: a rate is a size per second, such as 20MB/s or 1.5MiB/s',
    ],
    [
      'a duration of nothing',
      timeline('at: 5s, for: 0s, fault: s3-error'),
      '5:15: timeline entry 1, for: "0s" is nothing at all: expected a duration over 0, like 500ms or 2m',
    ],
    ['what is missing', 'name: a\nload: { rate: 1MB/s, blocks: 2 }', '1:1: about is missing'],
    [
      'a parameter that is missing',
      timeline('at: 1s, for: 1m, fault: dns-failure'),
      '5:5: timeline entry 1, with.mode is missing',
    ],
    [
      'an unknown fault',
      timeline('at: 1s, for: 1m, fault: latncy'),
      `5:24: timeline entry 1, fault: "latncy" is none of those there are (did you mean latency? valid: ${faultNames.join(', ')})`,
    ],
    [
      'an unknown mode',
      timeline('at: 1s, for: 1m, fault: dns-failure, with: { mode: quiet }'),
      '5:52: timeline entry 1, with.mode: "quiet" is none of those there are (valid: servfail, nxdomain, refused, empty, silent)',
    ],
    ['a number that is too small', `${base}seed: -1`, '4:1: seed: -1: expected 0 or more'],
    [
      'one that is too large',
      `${base}compression: { time: 1001 }`,
      '4:16: compression.time: 1001: expected 1000 at most',
    ],
    [
      'one far too large',
      'name: a\nabout: b\nload: { rate: 1MB/s, blocks: 1e99 }',
      '3:22: load.blocks: 1e+99: expected 100000 at most',
    ],
    ['a fraction', `${base}seed: 1.5`, '4:1: seed: 1.5: expected a whole number'],
    ['no number', `${base}seed: .nan`, '4:1: seed: NaN: expected a number'],
    ['text for a number', `${base}seed: x1`, '4:1: seed: "x1": expected a number'],
    ['a list for text', 'name: a\nabout: [x]\nload: { rate: 1MB/s, blocks: 2 }', '2:1: about: ["x"]: expected text'],
    ['keys for a list', `${base}timeline: {}`, '4:1: timeline: {}: expected a list'],
    ['nothing for keys', `${base}expect:`, '4:1: expect: null: expected keys with values'],
    [
      'text that is empty',
      'name: a\nabout: ""\nload: { rate: 1MB/s, blocks: 2 }',
      '2:1: about: "": expected some text, and it is empty',
    ],
    [
      'a list that is empty',
      timeline('at: 1s, for: 1m, fault: s3-error, with: { operations: [] }'),
      '5:49: timeline entry 1, with.operations: []: expected at least 1 in the list, and it is empty',
    ],
    [
      'a setting that is none',
      `${base}set: { a: [1] }`,
      '4:8: set.a: [1]: expected text, or a number, or true or false',
    ],
    [
      'a name that is none',
      'name: A_B\nabout: b\nload: { rate: 1MB/s, blocks: 2 }',
      '1:1: name: "A_B": expected 1 to 40 of a-z, 0-9 and hyphens',
    ],
    [
      'a rate of 0',
      'name: a\nabout: b\nload: { rate: 0, blocks: 2 }',
      '3:9: load.rate: "0" is nothing at all: expected a rate over 0, like 20MB/s or 512KiB/s',
    ],
    [
      'no regular expression',
      timeline('at: 1s, for: 1m, fault: s3-error, with: { key: "(" }'),
      '5:49: timeline entry 1, with.key: "(" is not a regular expression',
    ],
    [
      'a value that fills the screen',
      `${base}seed: ${'x'.repeat(5000)}`,
      `4:1: seed: "${'x'.repeat(79)}...: expected a number`,
    ],
    [
      'a fail without cause',
      `${base}expect: { verdict: fail }`,
      '4:11: expect.verdict: "fail": a scenario that expects fail has to say by which checker: add `cause`',
    ],
    [
      'a pass with one',
      `${base}expect: { cause: durability }`,
      '4:11: expect.cause: "durability": a cause is for `verdict: fail` only: this scenario expects pass',
    ],
    ['no mapping', '- 1', '1:1: the scenario: [1]: expected keys with values'],
    ['a key twice', `${base}name: b`, '4:1: this key is in the same block twice (keep one of the two)'],
    [
      'a tab',
      'load:\n\trate: 1MB/s',
      '2:1: the line is indented with a tab (indent with spaces: YAML knows no other way)',
    ],
    [
      'a bracket left open',
      'load: {rate: 1MB/s\nname: x',
      '2:1: something that was opened here or above (a quote, a bracket) is not closed, or something stands after its end (close it, or put a value with special characters in quotes)',
    ],
    ['a second document', `${base}---\nx: 1`, '4:1: a second document begins here (one scenario a file)'],
    ['an alias of nothing', `${base}seed: *x`, '4:7: this alias has no anchor before it (write the value itself)'],
    [
      'an alias of itself',
      `${base}seed: &x [*x]`,
      '4:11: this alias stands for something that it is part of (write the value itself)',
    ],
  ])('%s', (_what, text, message) => {
    expect(messageOf(text)).toBe(`s.yaml:${message}`);
  });

  it.each([
    ['nothing', '', 'the file is empty (a scenario needs at least name, about and load)'],
    ['a comment', '# soon\n', 'the file is empty (a scenario needs at least name, about and load)'],
    ['a document without content', '---\n', 'the file is empty (a scenario needs at least name, about and load)'],
    ['binary data', 'name: \0', 'this is no text, but binary data (give a YAML file, in UTF-8)'],
    [
      'a megabyte',
      `# ${'x'.repeat(1024 * 1024)}`,
      'it has 1048578 characters, and a scenario at most 1048576 (name a YAML file of a scenario)',
    ],
  ])('%s, which has no place', (_what, text, message) => {
    expect(messageOf(text)).toBe(`s.yaml: ${message}`);
  });

  it("Tempo's own config, in one line", () => {
    expect(messageOf('server: {}\nstorage: {trace: {}}\noverrides: {}\n')).toBe(
      's.yaml: this is a config of Tempo, and no scenario (give it as --config s.yaml)',
    );
  });

  it('all problems at once, each at its place', () => {
    expect(
      messageOf('name: a\nlod: 1\nseed: x\ntimeline:\n  - at: 5\n    for: 1s\n    fault: latency\n').split('\n'),
    ).toEqual([
      's.yaml:1:1: about is missing',
      's.yaml:3:1: seed: "x": expected a number',
      's.yaml:1:1: load is missing',
      `s.yaml:5:5: timeline entry 1, at: "5" is no duration, its unit is missing: ${NO_DURATION}`,
      's.yaml:2:1: there is no key "lod" here (did you mean load?)',
    ]);
  });

  it("all of a fault's parameters at once, beside what is right", () => {
    const text = timeline(
      'at: 0s, for: 1m, fault: latency, with: { latency: 5 }',
      'at: 0s, for: 1m, fault: s3-error, with: { first: 0, retryAfter: -1, probability: 2 }',
      'at: 0s, for: 1m, fault: dns-failure, with: { mode: silent }',
    );
    expect(messageOf(text).split('\n')).toEqual([
      `s.yaml:5:48: timeline entry 1, with.latency: "5" is no duration, its unit is missing: ${NO_DURATION}`,
      's.yaml:6:75: timeline entry 2, with.probability: 2: expected a probability of 1 at most, like 0.5',
      's.yaml:6:49: timeline entry 2, with.first: 0: expected 1 or more',
      's.yaml:6:59: timeline entry 2, with.retryAfter: -1: expected 0 or more',
    ]);
  });

  it('one mistake for a line, not every rule of YAML that it breaks', () => {
    expect(messageOf(`${base}seed: [1, "2\nset: {`).split('\n')).toHaveLength(1);
    expect(messageOf('a: 1\na: 2\nb: { c: 1, c: 2, c: 3 }').split('\n')).toEqual([
      's.yaml:2:1: this key is in the same block twice (keep one of the two)',
      's.yaml:3:12: this key is in the same block twice (keep one of the two)',
    ]);
  });

  it('two faults of one thing at once, and why', () => {
    const fault = (at: string, mode: string) => `at: ${at}, for: 1m, fault: dns-failure, with: { mode: ${mode} }`;
    expect(
      messageOf(timeline(fault('0s', 'silent'), 'at: 0s, for: 3m, fault: s3-error', fault('59s', 'servfail'))),
    ).toBe(
      's.yaml:7:7: timeline entry 3, at: "59s": dns-failure overlaps with entry 1 (dns-failure), and both decide the answer to the path\'s DNS name: let one end before the other begins',
    );
    expect(messageOf(timeline(fault('59s', 'silent'), fault('0s', 'servfail')))).toContain('overlaps with entry 1');
    // One after the other, in whatever order they are listed, is fine, and so are two of a kind that composes.
    expect(parseScenario(timeline(fault('0s', 'silent'), fault('60s', 'servfail')), 's.yaml').timeline).toHaveLength(2);
    expect(parseScenario(timeline(fault('60s', 'silent'), fault('0s', 'servfail')), 's.yaml').timeline).toHaveLength(2);
    const throttled = 'at: 0s, for: 1m, fault: s3-error';
    expect(parseScenario(timeline(throttled, throttled), 's.yaml').timeline).toHaveLength(2);
  });

  it.each(['[', '{a: ', '- ', '{'])('%j nested 5000 deep, and not with the end of the process', (opening) => {
    const message = messageOf(`${base}set: ${opening === '- ' ? '\n  ' : ''}${opening.repeat(5000)}`);
    expect(message).toMatch(
      /^s\.yaml:\d+:\d+: it is nested more than 100 levels deep \(close what is opened here, or indent less\)$/,
    );
  });

  it('an alias bomb, before it goes off', () => {
    const nine = (item: string) => `[${Array(9).fill(item).join(', ')}]`;
    const levels = Array.from({ length: 9 }, (_, level) => `a${level + 1}: &a${level + 1} ${nine(`*a${level}`)}`);
    expect(messageOf(['a0: &a0 [x, x, x]', ...levels].join('\n'))).toMatch(
      /^s\.yaml:\d+:\d+: its aliases stand for more than 100000 values \(write the values themselves, or fewer aliases of aliases\)$/,
    );
  });
});

describe('a file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'scenario-'));
    writeFileSync(join(folder, 'one.yaml'), base);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is read', async () => {
    expect(await readScenario(join(folder, 'one.yaml'))).toMatchObject({ name: 'a', load: { rate: 1_000_000 } });
  });

  it.each([
    ['two.yaml', 'there is no such file'],
    ['one.yaml/two.yaml', 'there is no such file: a part of its path is a file itself'],
    ['', 'it is a folder'],
  ])('%j cannot be', async (name, message) => {
    const file = join(folder, name);
    await expect(readScenario(file)).rejects.toThrow(
      new ScenarioError([{ where: file, message, remedy: 'name a scenario that `list` shows, or a YAML file' }]),
    );
  });
});

it('whatever is done to a scenario, it is read or refused with a place', () => {
  const texts = ['retries-matter', 'multipart-slowdown', 'jitter', 'dns-down'].map((name) =>
    readFileSync(join(packageRoot, 'suites', 'scenarios', `${name}.yaml`), 'utf8'),
  );
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ':',
    '- ',
    '\n',
    '\t',
    '  ',
    '*a',
    '&a ',
    '<<: ',
    '? ',
    '!!binary ',
    '!!set ',
    '"',
    "'",
    '|',
    '%YAML 1.1\n---\n',
    '---\n',
    '~',
    '.nan',
    '-1',
    '1e999',
    '0x1f',
    '__proto__: ',
    'constructor',
    'with: ',
    'for',
    'null',
    '#',
    '\ufeff',
    '\u2028',
    'é',
  ];
  const edit = fc.record({
    at: fc.nat(),
    cut: fc.nat(30),
    insert: fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 6, unit: 'grapheme' }), fc.constant('')),
  });
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.array(edit, { minLength: 1, maxLength: 4 }), (original, edits) => {
      let text = original;
      for (const { at, cut, insert } of edits) {
        const place = at % (text.length + 1);
        text = text.slice(0, place) + insert + text.slice(place + cut);
      }
      try {
        parseScenario(text, 's.yaml');
      } catch (error) {
        if (!(error instanceof ScenarioError)) throw error;
        for (const { where, message } of error.problems) {
          expect(where).toMatch(/^s\.yaml(:\d+:\d+)?$/);
          expect(message).not.toMatch(/Invalid input|Too small|Too big|at line \d/);
        }
      }
    }),
    { numRuns: 1000 },
  );
});
