import { expect, test } from 'vitest';
import { chooseEnvironment } from './auto.ts';
import { type Diagnosis, EnvironmentError, type EnvironmentKind, type StartedEnvironment } from './environment.ts';
import type { Register } from './register.ts';

const register = {} as Register;
const works: Diagnosis = { works: true, detail: '' };

function kind(name: 'native' | 'docker', diagnosis: Diagnosis, failure?: Error) {
  const started = { name } as StartedEnvironment;
  const calls: string[] = [];
  const it: EnvironmentKind = {
    name,
    async diagnose() {
      calls.push('diagnose');
      return diagnosis;
    },
    diagnoseDisk: async () => works,
    async start() {
      calls.push('start');
      if (failure) throw failure;
      return started;
    },
  };
  return { it, started, calls };
}

const choose = (name: 'auto' | 'native' | 'docker', ...kinds: { it: EnvironmentKind }[]) =>
  chooseEnvironment(
    name,
    () => {},
    register,
    kinds.map(({ it }) => it),
  );

test('auto takes the first that works, and does not look at the others', async () => {
  const native = kind('native', works);
  const docker = kind('docker', works);
  expect(await choose('auto', native, docker)).toBe(native.started);
  expect(docker.calls).toEqual([]);
});

test('auto goes on when one would not work, or does not come up', async () => {
  const docker = kind('docker', works);
  const noGo = kind('native', { works: false, problem: 'no Go', remedy: 'install Go' });
  expect(await choose('auto', noGo, docker)).toBe(docker.started);
  expect(noGo.calls).toEqual(['diagnose']);
  expect(await choose('auto', kind('native', works, new EnvironmentError('full', 'tidy up')), docker)).toBe(
    docker.started,
  );
});

test('when none works, every reason and every remedy is told', async () => {
  const error = await choose(
    'auto',
    kind('native', { works: false, problem: 'no Go', remedy: 'install Go' }),
    kind('docker', works, new EnvironmentError('no engine', 'start dockerd')),
  ).catch((reason) => reason);
  expect(error).toBeInstanceOf(EnvironmentError);
  expect(error.message).toBe('no environment works here\n  native: no Go\n  docker: no engine');
  expect(error.remedy).toBe('one of these\n    for native: install Go\n    for docker: start dockerd');
});

test('an environment asked for by name is not replaced by another', async () => {
  const native = kind('native', works);
  const error = await choose(
    'docker',
    native,
    kind('docker', { works: false, problem: 'no engine', remedy: 'start it' }),
  ).catch((reason) => reason);
  expect(error.message).toBe('no engine');
  expect(native.calls).toEqual([]);
});

test('a mistake of the harness is not taken for an environment that does not work', async () => {
  const docker = kind('docker', works);
  await expect(choose('auto', kind('native', works, new TypeError('a bug')), docker)).rejects.toThrow(TypeError);
  expect(docker.calls).toEqual([]);
});
