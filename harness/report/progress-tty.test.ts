import { expect, it } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { exampleResult } from './example-run.ts';
import { plain } from './paint.ts';
import { progressTty } from './progress-tty.ts';

/** A terminal of so many columns and rows that obeys what the progress uses: line breaks, one row up, clear the row. */
function terminal(columns: number, rows: number) {
  const screen: string[] = [''];
  let row = 0;
  const write = (text: string) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal obeys
    for (const [token] of text.matchAll(/\u001b\[\d*[A-Z]|\r|\n|[^\u001b\r\n]+/g)) {
      if (token === '\n') screen[++row] ??= '';
      else if (token === '\u001b[2K') screen[row] = '';
      // What has scrolled out of sight cannot be gone back to.
      else if (token === '\u001b[1A') row = Math.max(row - 1, screen.length - rows, 0);
      else if (token !== '\r') {
        for (const piece of token.match(new RegExp(`.{1,${columns}}`, 'g')) ?? []) {
          if (screen[row] !== '') screen[++row] ??= '';
          screen[row] = piece;
        }
      }
    }
  };
  return { stream: { write, isTTY: true, columns, rows }, shown: () => screen.filter((line) => line !== '') };
}

function begin(columns = 80, rows = 24) {
  const clock = new VirtualClock();
  const { stream, shown } = terminal(columns, rows);
  const progress = progressTty({ stream, clock, paint: plain, unicode: false });
  return { clock, progress, shown, stream };
}

const one = { name: 'dns-down', client: 'minio' };
const other = { name: 'slowdown-burst', client: 'aws-sdk' };

it('keeps a line for each running scenario below the lines that stay', async () => {
  const { clock, progress, shown } = begin();
  progress.preparing('starting MinIO');
  expect(shown()).toEqual(['| starting MinIO']);
  progress.environmentUp('native: up in 0.7 s');
  progress.scenarioStarted(one);
  progress.scenarioStarted(other);
  progress.scenarioProgress(one, 'drain: 3 of 8 blocks flushed');
  await clock.advance(2_000);
  expect(shown()).toEqual([
    'native: up in 0.7 s',
    '| dns-down (minio): drain: 3 of 8 blocks flushed  2.0 s',
    '| slowdown-burst (aws-sdk)  2.0 s',
  ]);
  progress.scenarioFinished(exampleResult(other));
  expect(shown()).toEqual([
    'native: up in 0.7 s',
    expect.stringMatching(/^pass +slowdown-burst \(aws-sdk\): /),
    expect.stringMatching(/^. dns-down \(minio\): drain/),
  ]);
});

it('turns while nothing happens, and stops when nothing runs', async () => {
  const { clock, progress, shown } = begin();
  progress.scenarioStarted(one);
  const turns = [];
  for (let turn = 0; turn < 4; turn++) {
    turns.push(shown()[0]?.[0]);
    await clock.advance(100);
  }
  expect(turns).toEqual(['|', '/', '-', '\\']);
  progress.scenarioFinished(exampleResult(one));
  await clock.advance(100);
  await expect(clock.run(new Promise(() => {}))).rejects.toThrow('nothing is planned');
});

it('takes a later try from the screen when it is over, as it does a first', () => {
  const { progress, shown } = begin();
  const again = { ...one, tryNumber: 2 };
  progress.scenarioStarted(again);
  progress.scenarioProgress(again, 'drain');
  progress.say('stays');
  expect(shown().at(-1)).toMatch(/ dns-down \(minio, try 2\): drain/);
  const earlierTries = [{ verdict: 'inconclusive' as const, explanation: 'Late.', folder: 'dns-down-minio' }];
  progress.scenarioFinished(exampleResult({ ...one, earlierTries }));
  expect(shown()).toEqual(['stays', expect.stringMatching(/^pass +dns-down \(minio, try 2\): /)]);
});

it('cuts lines to the width, so that a frame is as high as it has lines', () => {
  const { progress, shown } = begin(30);
  progress.scenarioStarted({ name: 'a-scenario-with-a-name-longer-than-the-terminal', client: 'minio' });
  progress.scenarioStarted(one);
  progress.say('stays');
  expect(shown()).toEqual(
    ['stays', '| a-scenario-with-a-name-longe', '| dns-down (minio)  0.0 s'].map((line) => line.slice(0, 29)),
  );
});

it('shows no more scenarios than fit, and says how many it left out', () => {
  const { progress, shown } = begin(80, 6);
  for (let index = 0; index < 10; index++) progress.scenarioStarted({ name: `s${index}`, client: 'minio' });
  progress.say('stays');
  expect(shown()).toEqual([
    'stays',
    '| s0 (minio)  0.0 s',
    '| s1 (minio)  0.0 s',
    '| s2 (minio)  0.0 s',
    '  and 7 more',
  ]);
});

it('goes back over the rows that a narrower terminal has made of its lines', () => {
  const { progress, stream } = begin(40);
  const written: string[] = [];
  const before = stream.write;
  progress.scenarioStarted({ name: 'a-scenario-of-thirty-characters', client: 'minio' });
  stream.write = (text) => {
    written.push(text);
    return before(text);
  };
  stream.columns = 20;
  progress.say('stays');
  expect(written[0]?.startsWith('\u001b[1A\u001b[2K\u001b[1A\u001b[2K\r')).toBe(true);
});

it('leaves the lines that stay, and nothing else, when it is closed', async () => {
  const { clock, progress, shown } = begin();
  progress.scenarioStarted(one);
  progress.say('interrupted');
  progress.close();
  progress.close();
  progress.scenarioFinished(exampleResult(one));
  await clock.advance(500);
  expect(shown()).toEqual(['interrupted']);
});
