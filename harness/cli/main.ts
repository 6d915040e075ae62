/** The command line's process: the real harness, the real terminal, and an exit code when all is said. */
import { realClock } from '../clock.ts';
import { tool } from '../scenario/tool.ts';
import { describeFailure } from './failure.ts';
import type { HarnessParts } from './harness-parts.ts';
import { Interruption } from './interruption.ts';
import { runProgram } from './program.ts';
import type { Terminal } from './terminal.ts';

/** Each part is loaded when it is asked for: `--help` needs none of them. */
const harness: HarnessParts = {
  runEach: async (...run) => (await import('../scenario/run.ts')).runEach(...run),
  explore: async (...exploring) => (await import('../explore/explore.ts')).explore(...exploring),
  replay: async (folder) => (await import('../replay/replay.ts')).replay(folder),
  explain: async (folder) => (await import('../what-if/explain-run.ts')).explainRun(folder),
  whatIf: async (...asked) => (await import('../what-if/run-what-if.ts')).runWhatIf(...asked),
  shippedScenarios: async () => {
    const { groupedScenarios, shippedScenarios } = await import('../scenario/shipped.ts');
    return [...(await shippedScenarios()), ...(await groupedScenarios())];
  },
  faults: async () => (await import('../faults/catalogue.ts')).faults,
  bringUp: async (options, ...rest) => (await import('../up/bring-up.ts')).bringUp(options, realClock, ...rest),
  connectUp: async (id) => (await import('../up/up-client.ts')).connectUp(id),
  readInjectRequest: async (request) => (await import('../up/inject-request.ts')).readInjectRequest(request),
  readTempoConfig: async (...config) => (await import('../tempo/config.ts')).readTempoConfig(...config),
  checkSettings: async (settings) => (await import('../tempo/check-settings.ts')).checkSettings(settings),
  diagnoseAll: async () => (await import('../environment/doctor.ts')).diagnoseAll(),
};

const terminal: Terminal = {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  clock: realClock,
};
const interruption = new Interruption(process, realClock);

function giveUp(error: unknown): void {
  // Whatever is running is taken down by its command.
  if (interruption.active) return;
  const { text, exitCode } = describeFailure(error, process.env);
  process.stderr.write(text);
  process.exit(exitCode);
}
process.on('uncaughtException', giveUp);
process.on('unhandledRejection', giveUp);

// A reader that has seen enough (| head) is no failure: the verdict stays what it is. A disk that is full is one.
let lost: Error | undefined;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') lost ??= error;
});
process.stderr.on('error', () => {});

const exitCode = await runProgram(process.argv.slice(2), tool.split(' ')[1] as string, {
  harness,
  terminal,
  interruption,
});
// What was left open by a library must not keep a finished command alive; what was written must get out first, and what went
// wrong with that is told one turn of the event loop later.
process.stdout.write('', () =>
  setImmediate(() => {
    if (lost) process.stderr.write(`tempo-s3-chaos: standard output took no result: ${lost.message}\n`);
    process.stderr.write('', () => process.exit(lost ? 3 : exitCode));
  }),
);
