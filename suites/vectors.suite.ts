/** What a real Tempo was recorded to do under a fault, our writer does: each recording that ships with the project, with both SDKs. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { realClock } from '../harness/clock.ts';
import { diffText } from '../harness/conformance/vectors/diff-text.ts';
import { readRecordings, shippedRecordings } from '../harness/conformance/vectors/read-recordings.ts';
import { runVectors } from '../harness/conformance/vectors/vectors.ts';
import { clientNames } from '../harness/object-store/clients.ts';
import { Harness } from '../harness/scenario/harness.ts';
import { newResultsFolder } from '../harness/scenario/results-folder.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start((process.env.TEMPO_S3_CHAOS_ENVIRONMENT ?? 'auto') as 'auto', {
    progress: () => {},
    clock: realClock,
    subjects: 0,
  });
});
afterAll(() => harness?.[Symbol.asyncDispose]());

it('agrees with all that was recorded of Tempo', async () => {
  const recordings = await readRecordings(shippedRecordings);
  const results = await runVectors(harness, {
    recordings,
    results: await newResultsFolder('chaos-results', realClock),
    clock: realClock,
    signal: new AbortController().signal,
  });
  expect(results.map(({ recording, client }) => `${recording} ${client}`)).toEqual(
    recordings.flatMap(({ name }) => clientNames.map((client) => `${name} ${client}`)),
  );
  for (const { recording, client, outcome, comparison, reason, folder } of results) {
    const why = [`${recording}, ${client} (${folder}): ${reason ?? ''}`, comparison ? diffText(comparison) : ''];
    expect(outcome, why.join('\n')).toBe('agree');
  }
});
