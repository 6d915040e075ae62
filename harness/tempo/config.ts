/**
 * Tempo's YAML, and what stands beside it, as `TempoSettings`.
 *
 * 1. Read the YAML as Tempo would: variables expanded, one document, no key twice.
 * 2. Take what reaches the write path out of the blocks that the config's version of Tempo knows, on top of its defaults.
 * 3. Add the deployment, which no key of Tempo describes, and the `--set` options of this run.
 * 4. Throw all problems at once, or return the settings, a copy of the text without its secrets, and the warnings.
 */
import { readFile, stat } from 'node:fs/promises';
import { isMap, isScalar } from 'yaml';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { tempoDefaults, USUAL_VERSION } from './defaults.ts';
import { formatDuration } from './go-duration.ts';
import { isLegacyOverride, knownKeys } from './known-keys.ts';
import { isSecretKey, redactDocument } from './redact.ts';
import { applySetOptions } from './set-option.ts';
import type { TempoSettings, TempoVersion } from './settings.ts';
import { type Walk, walkBlock } from './walk-settings.ts';
import { readYaml, type YamlDocument } from './yaml-document.ts';

export interface ReadOptions {
  /** For `${VAR}`; the process's own environment unless given. */
  env?: NodeJS.ProcessEnv;
  /** The version of Tempo that the config is for: 2.9 unless given. */
  version?: TempoVersion;
  /** Each as `key=value`. */
  set?: readonly string[];
}

export interface TempoConfig {
  /** No secrets. */
  settings: TempoSettings;
  /** The text of the file with its secrets replaced, for the results folder. */
  raw: string;
  /** What is valid, but not what it seems; each says where. */
  warnings: string[];
}

/**
 * Reads Tempo's config from `file`, and the deployment from `<name>.deployment.yaml` beside it if there is one.
 * @throws ConfigError with every problem of both, when they cannot be read or make no sense.
 */
export async function readTempoConfig(file: string, options: ReadOptions = {}): Promise<TempoConfig> {
  const text = await readText(file);
  const deploymentFile = file.replace(/(\.ya?ml)?$/, '.deployment.yaml');
  const deployment = (await exists(deploymentFile))
    ? { text: await readText(deploymentFile), file: deploymentFile }
    : undefined;
  return parseTempoConfig(text, file, { ...options, ...(deployment && { deployment }) });
}

/**
 * The same without the file system: `text` is what stands in `file`.
 * @throws ConfigError with every problem.
 */
export function parseTempoConfig(
  text: string,
  file: string,
  options: ReadOptions & { deployment?: { text: string; file: string } } = {},
): TempoConfig {
  const env = options.env ?? process.env;
  const version = options.version ?? USUAL_VERSION;
  const settings = tempoDefaults(version);
  const { document, problems } = readYaml(text, file, env);
  const warnings: string[] = [];
  const seen: Walk['seen'] = new Map();
  if (document) {
    const walk = { file, document, version, blocks: knownKeys(version).blocks, settings, problems, seen };
    walkRoot(walk, 'Give a config of Tempo; the shortest is "storage: {trace: {backend: s3, s3: {bucket: NAME}}}".');
    refuseOtherFiles(walk);
    judgeTogether(walk, warnings);
    warnings.push(...expansionWarnings(file, text, document));
  }
  problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  if (options.deployment) {
    const { replicationFactor } = settings.deployment;
    problems.push(...readDeployment(options.deployment, env, settings));
    if (seen.has(REPLICATION) && settings.deployment.replicationFactor !== replicationFactor) {
      warnings.push(
        `${options.deployment.file}: replication_factor: ${REPLICATION} of the config is ${replicationFactor}, and that is what counts`,
      );
      settings.deployment.replicationFactor = replicationFactor;
    }
  }
  warnings.push(...applySetOptions(options.set ?? [], settings, problems));
  if (problems.length > 0 || !document) throw new ConfigError(problems);
  return { settings, raw: redactDocument(text, document), warnings };
}

const REPLICATION = 'ingester.lifecycler.ring.replication_factor';

function walkRoot(walk: Walk, remedy: string): void {
  const { root } = walk.document;
  if (root && isMap(root)) {
    walkBlock(walk, '', root);
    return;
  }
  walk.problems.push({
    file: walk.file,
    ...(root ? walk.document.position(root.range?.[0] ?? 0) : {}),
    message: root ? 'this is no block of keys' : 'the file is empty',
    remedy,
  });
}

/** A verdict on Tempo's defaults must not be taken for one on a file of another kind, a Helm chart's values or a scenario. */
function refuseOtherFiles({ file, document: { root }, blocks, problems }: Walk): void {
  if (problems.length > 0 || !isMap(root) || root.items.length === 0) return;
  const keys = root.items.map(({ key }) => String(isScalar(key) ? key.value : key));
  if (keys.some((key) => blocks['']?.legal.includes(key))) return;
  problems.push({
    file,
    message: `this is no config of Tempo: of its keys, Tempo knows none (${keys.slice(0, 3).join(', ')}${keys.length > 3 ? ', ...' : ''})`,
    remedy: 'Give the file that Tempo itself is started with: it has keys such as storage and ingester.',
  });
}

/** What several keys mean together. */
function judgeTogether(walk: Walk, warnings: string[]): void {
  const { file, seen, settings, problems } = walk;
  const warn = (key: string, message: string) => {
    const at = seen.get(key);
    warnings.push(`${[file, at?.line, at?.column].filter((part) => part !== undefined).join(':')}: ${message}`);
  };
  const refuse = (key: string, message: string, remedy: string) => {
    const { line, column } = seen.get(key) as { line: number; column: number };
    problems.push({ file, line, column, key, message, remedy });
  };
  const has = (key: string) => seen.has(key);
  const text = (key: string) => seen.get(key)?.raw?.text;

  const overrides = [...seen.keys()].filter((key) => /^overrides\.[^.]+$/.test(key));
  const legacy = overrides.find((key) => isLegacyOverride(key.slice('overrides.'.length)));
  if (legacy && has('overrides.defaults')) {
    refuse(
      legacy,
      'this is the legacy form of overrides, and overrides.defaults is the other one: Tempo refuses to start with both',
      'Move it to overrides.defaults.',
    );
  } else if (legacy && text('overrides.enable_legacy_overrides') !== 'true') {
    if (settings.version === '3.0') {
      refuse(
        legacy,
        'this is the legacy form of overrides, and Tempo 3 refuses to start with it',
        'Move it to overrides.defaults, or add overrides.enable_legacy_overrides: true.',
      );
    } else {
      warn(legacy, 'Tempo 3 takes the legacy form of overrides only with overrides.enable_legacy_overrides: true');
    }
  }

  const backend = text('storage.trace.backend');
  if (backend && backend !== 's3') {
    warn('storage.trace.backend', 'the backend is not s3: what is tested is what this config would do with S3');
  } else if (settings.s3.bucket === '') {
    warn(
      'storage.trace.s3',
      'storage.trace.s3.bucket is not set: Tempo would not start; a run has a bucket of its own',
    );
  }
  if (
    has('storage.trace.s3.disable_multipart_upload') &&
    text('storage.trace.s3.disable_multipart_upload') === 'true'
  ) {
    warn(
      'storage.trace.s3.disable_multipart_upload',
      'disable_multipart_upload is not modelled: blocks are uploaded in parts',
    );
  }
  if (settings.version === '3.0') judgeLiveStore(walk, warn, refuse);
  else judgeIngester(walk, warn);
}

type Warn = (key: string, message: string) => void;

/** Tempo 2. */
function judgeIngester({ seen, settings }: Walk, warn: Warn): void {
  if (/^(false|no|off|n)$/i.test(seen.get('ingester.flush_object_storage')?.raw?.text ?? '')) {
    warn(
      'ingester.flush_object_storage',
      'with this the ingesters write no block to S3; what is tested is what they would do',
    );
  }
  if (settings.version === '2.7' && seen.has('ingester.trace_idle_period')) {
    warn(
      'ingester.trace_idle_period',
      'trace_idle_period has no effect before Tempo 2.9: every flush_check_period all live traces are cut',
    );
  }
  const block = ['live_store', 'block_builder'].find((name) => seen.has(name));
  if (block && !seen.has('ingester')) {
    warn(
      block,
      `${block} is not modelled with Tempo ${settings.version}: blocks are flushed as its ingester does. For the live-store of a single binary of Tempo 3 say --tempo-version 3.0; the block-builder of microservices is not modelled`,
    );
  }
}

/** Tempo 3. */
function judgeLiveStore(
  { seen, settings: { blocks } }: Walk,
  warn: Warn,
  refuse: (key: string, message: string, remedy: string) => void,
): void {
  if (blocks.traceIdlePeriod > blocks.traceLivePeriod) {
    const key = ['live_store.max_trace_idle', 'live_store.max_trace_live'].find((name) => seen.has(name)) as string;
    refuse(
      key,
      `max_trace_idle (${formatDuration(blocks.traceIdlePeriod)}) is longer than max_trace_live (${formatDuration(blocks.traceLivePeriod)}): Tempo refuses to start`,
      'Make max_trace_live as long, or longer.',
    );
  }
  if (seen.has('live_store.flush_op_timeout')) {
    warn(
      'live_store.flush_op_timeout',
      'in Tempo 3 this is how often old blocks are cleared, and no deadline: a flush takes as long as it takes',
    );
  }
  const target = seen.get('target')?.raw?.text ?? 'all';
  const block = ['block_builder', 'ingest'].find((name) => seen.has(name));
  if (block || target !== 'all') {
    warn(
      block ?? 'target',
      'the block-builder of microservices is not modelled: blocks are flushed as the live-store of a single binary (target: all) does',
    );
  }
}

function expansionWarnings(file: string, text: string, { expanded, filePosition }: YamlDocument): string[] {
  const warnings: string[] = [];
  for (const { offset, message } of expanded.doubtful) {
    const { line, column } = filePosition(offset);
    warnings.push(`${file}:${line}:${column}: ${message}`);
  }
  for (const { name, offset } of expanded.unset) {
    const { line, column } = filePosition(offset);
    const before = (text.split('\n')[line - 1] ?? '').slice(0, column - 1);
    // A run has credentials of its own, and a comment needs none.
    const key = /([\w]+)["']?\s*:[^:]*$/.exec(before)?.[1];
    if (/(^|\s)#/.test(before) || (key && isSecretKey(key))) continue;
    warnings.push(
      `${file}:${line}:${column}: \${${name}} is not set in the environment: it stands for nothing, as in Tempo`,
    );
  }
  return warnings;
}

function readDeployment(
  { text, file }: { text: string; file: string },
  env: NodeJS.ProcessEnv,
  settings: TempoSettings,
): ConfigProblem[] {
  const { document, problems } = readYaml(text, file, env);
  if (document) {
    const { deployment } = knownKeys(settings.version).own;
    const blocks = { '': { settings: deployment, legal: [], strict: true } };
    walkRoot({ file, document, blocks, settings, problems, seen: new Map() }, 'Write keys such as "ingesters: 30".');
  }
  return problems;
}

const CANNOT_READ: Record<string, [message: string, remedy: string]> = {
  ENOENT: ['there is no such file', 'Give the path of a YAML file of Tempo.'],
  ENOTDIR: ['there is no such file', 'Give the path of a YAML file of Tempo.'],
  EACCES: ['it may not be read', 'Give this user the right to read it.'],
};

/** @throws ConfigError when `file` is no readable text. */
async function readText(file: string): Promise<string> {
  const refuse = (message: string, remedy: string): never => {
    throw new ConfigError([{ file, message, remedy }]);
  };
  let bytes: Buffer;
  try {
    const found = await stat(file);
    if (found.isDirectory()) return refuse('this is a folder', 'Give the YAML file in it.');
    // Reading a pipe that nobody writes to would never end.
    if (!found.isFile()) return refuse('this is no regular file', 'Write the config to a file first.');
    bytes = await readFile(file);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const [message, remedy] = CANNOT_READ[code] ?? [
      `it cannot be read (${code})`,
      'Give the path of a YAML file of Tempo.',
    ];
    return refuse(message, remedy);
  }
  // What is not UTF-8 becomes the replacement character, which readYaml refuses with its line.
  return new TextDecoder('utf-8').decode(bytes);
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch {
    return false;
  }
}
