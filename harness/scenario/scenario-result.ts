/** The result of one scenario, all of it from its history: that of a run, and of a replay. */
import { z } from 'zod';
import { HistoryError } from '../history/history-error.ts';
import type { JudgedHistory } from '../verdict/judge-file.ts';
import type { ScenarioResult } from './run-result.ts';

/** Of a scenario as its history has it, what a result tells. */
const told = z.object({
  about: z.string(),
  expect: z.object({ verdict: z.enum(['pass', 'fail']), cause: z.string().optional() }),
});

/** `folder`: of its history, relative to the run's. @throws HistoryError for a scenario that is not as it is written. */
export function scenarioResult(
  { scenario: run, judgement, from, until }: JudgedHistory,
  folder: string,
): ScenarioResult {
  const read = told.safeParse(run.scenario);
  if (!read.success) {
    const problems = read.error.issues.map(({ path, message }) => `${path.join('.') || 'scenario'}: ${message}`);
    const problem = `the scenario ${run.name} cannot be read from its history (${problems.join('; ')})`;
    throw new HistoryError(folder, problem, `judge it with the version that wrote it: ${run.tool}`);
  }
  const { about, expect } = read.data;
  return {
    name: run.name,
    about,
    client: run.client,
    seed: run.seed,
    verdict: judgement.verdict,
    expected: { verdict: expect.verdict, ...(expect.cause && { cause: expect.cause }) },
    asExpected: judgement.asExpected,
    findings: judgement.findings,
    faults: judgement.faults,
    blocks: judgement.blocks,
    requests: judgement.requests,
    recovery: judgement.recovery,
    deadlineExceeded: judgement.deadlineExceeded,
    blame: judgement.blame,
    data: judgement.data,
    latency: judgement.latency,
    compression: run.compression,
    explanation: judgement.explanation,
    command: run.command,
    folder,
    tookMs: until - from,
  };
}
