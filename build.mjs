// Builds dist/: one bundle for the command line, one for each process that the harness starts, and the public API.
//
// 1. If no source is newer than the last build, there is nothing to do (a build takes 0.1 s, a check 5 ms).
// 2. Bundle into a folder of this process's own, with the packages in it: reading the S3 SDKs from their hundreds of files
//    takes a process 0.4 s, from a bundle 0.1 s, and a run starts ten processes.
// 3. Put it in place file by file, by renames: the chunks, which carry their content's hash in their name, before the entries that
//    import them. A process that runs from the build before finds its chunks for a day.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');
const stamp = join(dist, '.built');
const DAY_MS = 24 * 60 * 60 * 1000;

/** The bundles, by the name of their file in dist/. Processes are started by these names (harness/process/child.ts). */
const entryPoints = {
  cli: 'harness/cli/main.ts',
  index: 'harness/index.ts',
  gateway: 'harness/gateway/main.ts',
  dns: 'harness/dns/main.ts',
  subject: 'harness/subject/main.ts',
  compactor: 'harness/compactor/main.ts',
  background: 'harness/background/main.ts',
  bench: 'harness/bench/main.ts',
  judging: 'harness/bench/judging/main.ts',
  conformance: 'harness/conformance/main.ts',
  docs: 'harness/docs/main.ts',
  mutants: 'harness/mutants/main.ts',
  'judge-thread': 'harness/verdict/judge-thread.ts',
  'full-backlog': 'harness/environment/full-backlog-thread.ts',
};

function newestSource(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || entry.name.endsWith('.test.ts')) continue;
    newest = Math.max(newest, statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs);
  }
  return newest;
}

/** Brings dist/ up to date with harness/. Does nothing when it is, or when there are no sources (an installed package). */
export async function build() {
  if (!existsSync(join(root, 'harness'))) return;
  const newest = Math.max(
    newestSource(join(root, 'harness')),
    ...['build.mjs', 'package.json'].map((file) => statSync(join(root, file)).mtimeMs),
  );
  if (existsSync(stamp) && Number(readFileSync(stamp, 'utf8')) >= newest) return;
  const { build: bundle } = await import('esbuild');
  const fresh = join(root, `dist.${process.pid}.new`);
  try {
    await bundle({
      absWorkingDir: root,
      entryPoints: Object.fromEntries(Object.entries(entryPoints).filter(([, file]) => existsSync(join(root, file)))),
      outdir: fresh,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      // Loaded only for the docker environment, and with native parts of its own.
      external: ['testcontainers'],
      // Packages that are CommonJS find Node's own modules by this.
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      sourcemap: true,
      logLevel: 'warning',
    });
    mkdirSync(dist, { recursive: true });
    const files = readdirSync(fresh);
    const isEntry = (file) => Object.keys(entryPoints).some((name) => file.startsWith(`${name}.js`));
    for (const file of [...files.filter((one) => !isEntry(one)), ...files.filter(isEntry)]) {
      renameSync(join(fresh, file), join(dist, file));
    }
    for (const file of readdirSync(dist)) {
      const { mtimeMs } = statSync(join(dist, file));
      // No file is younger than its build, and Date is the clock that files are stamped by.
      if (!files.includes(file) && Date.now() - mtimeMs > DAY_MS) rmSync(join(dist, file), { recursive: true });
    }
    writeFileSync(stamp, String(newest));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
