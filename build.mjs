// Builds dist/: one bundle for the command line, one for each process that the harness starts, and the public API.
//
// 1. If no source is newer than the last build, there is nothing to do (a build takes 0.1 s, a check 5 ms).
// 2. Bundle into a folder of this process's own, packages left outside.
// 3. Put it in place by renames, so that a harness starting meanwhile finds either the old build or the new one.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const stamp = join(root, 'dist', '.built');

/** The bundles, by the name of their file in dist/. Processes are started by these names (harness/process/child.ts). */
const entryPoints = {
  cli: 'harness/cli/main.ts',
  index: 'harness/index.ts',
  gateway: 'harness/gateway/main.ts',
  dns: 'harness/dns/main.ts',
  subject: 'harness/subject/main.ts',
  bench: 'harness/bench/main.ts',
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
  const newest = Math.max(newestSource(join(root, 'harness')), statSync(join(root, 'build.mjs')).mtimeMs);
  if (existsSync(stamp) && Number(readFileSync(stamp, 'utf8')) >= newest) return;
  const { build: bundle } = await import('esbuild');
  const fresh = join(root, `dist.${process.pid}.new`);
  const old = join(root, `dist.${process.pid}.old`);
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
      packages: 'external',
      sourcemap: true,
      logLevel: 'warning',
    });
    mkdirSync(fresh, { recursive: true });
    writeFileSync(join(fresh, '.built'), String(newest));
    if (existsSync(join(root, 'dist'))) renameSync(join(root, 'dist'), old);
    try {
      renameSync(fresh, join(root, 'dist'));
    } catch (error) {
      // Another build was faster: its result is as good as ours.
      if (!['ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
