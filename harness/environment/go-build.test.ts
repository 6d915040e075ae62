import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { realClock } from '../clock.ts';
import { EnvironmentError } from './environment.ts';
import { buildProgram } from './go-build.ts';
import { toxiproxy } from './programs.ts';
import { openRegister, type Register } from './register.ts';

let folder: string;
let file: string;
let register: Register;
let lines: string[];
const progress = (line: string) => void lines.push(line);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'build-'));
  file = join(folder, 'cache', 'toxiproxy-server');
  mkdirSync(join(folder, 'bin'));
  vi.stubEnv('TEMPO_S3_CHAOS_STATE', join(folder, 'state'));
  vi.stubEnv('PATH', `${join(folder, 'bin')}:/usr/bin:/bin`);
  lines = [];
  register = await openRegister(() => {});
});
afterEach(async () => {
  await register.close();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** A stand-in for Go that notes each call with its arguments in `calls`. `$OUTPUT` is what it is to write. */
function fakeGo(script: string): void {
  const text = `#!/bin/sh
echo "$*" >> ${folder}/calls
while [ $# -gt 0 ]; do [ "$1" = -o ] && OUTPUT=$2; shift; done
${script}
`;
  writeFileSync(join(folder, 'bin', 'go'), text);
  chmodSync(join(folder, 'bin', 'go'), 0o755);
}

const calls = () => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');

async function failure(script?: string): Promise<EnvironmentError> {
  if (script) fakeGo(script);
  const error = await buildProgram(toxiproxy, file, progress, register).catch((reason) => reason);
  expect(error).toBeInstanceOf(EnvironmentError);
  // Whatever went wrong, neither a program nor a lock is left.
  expect(existsSync(join(folder, 'cache')) ? readdirSync(join(folder, 'cache')) : []).toEqual([]);
  return error;
}

test('builds the pinned package, statically, under a temporary name, and tells what it is doing', async () => {
  fakeGo(`
    echo "go: downloading github.com/gorilla/mux v1.8.1" >&2
    sleep 1.1
    echo internal/abi >&2; echo github.com/gorilla/mux >&2
    echo "cgo=$CGO_ENABLED os=$GOOS in $PWD" > "$OUTPUT"`);
  vi.stubEnv('GOOS', 'plan9');
  expect(await buildProgram(toxiproxy, file, progress, register)).toBe(file);
  expect(readFileSync(file, 'utf8')).toBe(`cgo=0 os= in ${toxiproxy.folder}\n`);
  expect(calls()).toEqual([
    `build -v -mod=readonly -trimpath -buildvcs=false -ldflags -s -w -o ${file}.${process.pid}.new ${toxiproxy.package}`,
  ]);
  expect(readdirSync(join(folder, 'cache'))).toEqual(['toxiproxy-server']);
  expect(lines).toEqual([
    'building Toxiproxy from its Go module (first time only, about 20 seconds)',
    'building Toxiproxy from its Go module (first time only, about 20 seconds): 1 of 267 packages',
  ]);
});

test('two builders at once build once: the second waits, says so, and uses the result', async () => {
  fakeGo('sleep 1; echo built > "$OUTPUT"');
  const results = await Promise.all([
    buildProgram(toxiproxy, file, progress, register),
    buildProgram(toxiproxy, file, progress, register),
  ]);
  expect(results).toEqual([file, file]);
  expect(calls()).toHaveLength(1);
  expect(lines.filter((line) => line === 'waiting for another run that is building Toxiproxy')).toHaveLength(1);
  expect(readdirSync(join(folder, 'cache'))).toEqual(['toxiproxy-server']);
});

test('when the first builder fails, the waiting one builds', async () => {
  fakeGo(`sleep 0.5; [ $(wc -l < ${folder}/calls) = 1 ] && exit 1; echo built > "$OUTPUT"`);
  const results = await Promise.allSettled([
    buildProgram(toxiproxy, file, progress, register),
    buildProgram(toxiproxy, file, progress, register),
  ]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(calls()).toHaveLength(2);
  expect(readFileSync(file, 'utf8')).toBe('built\n');
});

test('a killed build leaves a lock and half a program: the next build takes over from it', async () => {
  mkdirSync(`${file}.lock`, { recursive: true });
  writeFileSync(`${file}.4711.new`, 'half');
  const longAgo = new Date(realClock.date().getTime() - 60_000);
  utimesSync(`${file}.lock`, longAgo, longAgo);
  fakeGo('echo built > "$OUTPUT"');
  await buildProgram(toxiproxy, file, progress, register);
  expect(readdirSync(join(folder, 'cache'))).toEqual(['toxiproxy-server']);
});

test('a build that is under way is in the register, and ends with the run', async () => {
  fakeGo('sleep 60');
  const build = buildProgram(toxiproxy, file, progress, register);
  const outcome = expect(build).rejects.toThrow('go build was ended by SIGKILL');
  await expect.poll(() => existsSync(join(folder, 'calls'))).toBe(true);
  register.closeNow();
  await outcome;
});

test('no Go', async () => {
  vi.stubEnv('PATH', join(folder, 'bin'));
  const error = await failure();
  expect(error.message).toBe('cannot build Toxiproxy: there is no Go on PATH');
  expect(error.remedy).toMatch(/^install Go 1\.\d+.* or put a program toxiproxy-server on PATH$/);
});

// In go's words, from Go 1.20 (`invalid go version`) and 1.26 (all others).
test.each([
  [
    'go: go.mod requires go >= 1.25.0 (running go 1.22.1; GOTOOLCHAIN=local)',
    /the Go on PATH is too old: .*running go 1\.22\.1/,
    /install Go 1\.23\.0 or later/,
  ],
  ["go: errors parsing go.mod: go.mod:3: invalid go version '1.23.0': must match format 1.23", /too old/, /install Go/],
  [
    'github.com/gorilla/mux@v1.8.1: Get "http://proxy.invalid/mux/@v/v1.8.1.zip": dial tcp: lookup proxy.invalid: no such host',
    /modules cannot be fetched: .*no such host/,
    /GOPROXY/,
  ],
  ['module lookup disabled by GOPROXY=off', /modules cannot be fetched/, /GOPROXY/],
  ['crypto/sha3: write /tmp/go-build1/b112/importcfg: no space left on device', /disk is full/, /free some .*GOCACHE/],
  ['mkdir /root/go/pkg: permission denied', /permission denied/, /GOPATH/],
  ['main.go:3: undefined: nonsense', /go build ended with code 1: main.go:3/, /by hand/],
])('go says: %s', async (message, problem, remedy) => {
  writeFileSync(join(folder, 'message'), message);
  const error = await failure(`cat ${folder}/message >&2; echo half > "$OUTPUT"; exit 1`);
  expect(error.message).toMatch(problem);
  expect(error.remedy).toMatch(remedy);
});

test('a cache that cannot be written', async () => {
  fakeGo('exit 0');
  writeFileSync(join(folder, 'cache'), 'a file');
  const error = await buildProgram(toxiproxy, file, progress, register).catch((reason) => reason);
  expect(error).toBeInstanceOf(EnvironmentError);
  expect(error.message).toContain(join(folder, 'cache'));
  expect(error.remedy).toContain('TEMPO_S3_CHAOS_CACHE');
});
