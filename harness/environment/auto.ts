/** Which environment a run takes. */
import { docker } from './docker.ts';
import { EnvironmentError, type EnvironmentKind, type Progress, type StartedEnvironment } from './environment.ts';
import { native } from './native.ts';
import type { Register } from './register.ts';

/** In the order in which `auto` tries them: native starts faster. */
export const environmentKinds: readonly EnvironmentKind[] = [native, docker];

/**
 * Starts the environment of this name, or for `auto` the first that works.
 * @throws EnvironmentError when it does not work; for `auto`, when none does, with the reasons of all.
 */
export async function chooseEnvironment(
  name: 'auto' | EnvironmentKind['name'],
  progress: Progress,
  register: Register,
  kinds: readonly EnvironmentKind[] = environmentKinds,
): Promise<StartedEnvironment> {
  const failures: { kind: EnvironmentKind; error: EnvironmentError }[] = [];
  for (const kind of kinds.filter((one) => name === 'auto' || one.name === name)) {
    try {
      return await startIfItWorks(kind, progress, register);
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      failures.push({ kind, error });
    }
  }
  const [first, second] = failures;
  if (first && !second) throw first.error;
  throw new EnvironmentError(
    ['no environment works here', ...failures.map(({ kind, error }) => `${kind.name}: ${error.message}`)].join('\n  '),
    ['one of these', ...failures.map(({ kind, error }) => `for ${kind.name}: ${error.remedy}`)].join('\n    '),
  );
}

async function startIfItWorks(
  kind: EnvironmentKind,
  progress: Progress,
  register: Register,
): Promise<StartedEnvironment> {
  const diagnosis = await kind.diagnose();
  if (!diagnosis.works) throw new EnvironmentError(diagnosis.problem, diagnosis.remedy);
  return kind.start(progress, register);
}
