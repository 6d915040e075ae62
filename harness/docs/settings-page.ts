/** Every setting that is read, its default in each version of Tempo, and what it does to a write: docs/settings.md. */
import { USUAL_VERSION } from '../tempo/defaults.ts';
import { knownKeys } from '../tempo/known-keys.ts';
import { choices } from '../tempo/set-option.ts';
import type { Setting } from '../tempo/setting.ts';
import { type TempoVersion, tempoVersions } from '../tempo/settings.ts';
import { settingsByPath } from '../tempo/walk-settings.ts';
import { table } from './fault-page.ts';

const legacy = /^overrides\.[a-z_]+$/;

/** The sections of the page: which keys of Tempo's config each has. */
const sections: [title: string, about: string, keys: (key: string) => boolean][] = [
  ['The way to S3', 'The client, and where it goes.', (key) => key.startsWith('storage.trace.s3.')],
  [
    'The ingester of Tempo 2',
    'Blocks are cut, completed and flushed by it. Tempo 3 refuses to start with the block `ingester`.',
    (key) => key.startsWith('ingester.'),
  ],
  [
    'The live-store of Tempo 3',
    'What takes the place of the ingester in a single binary. `live_store.flush_op_timeout` is legal and no deadline: it is how often old blocks are cleared.',
    (key) => key.startsWith('live_store.'),
  ],
  [
    'What comes in',
    "Limits of a tenant. They count in a run where the load of a scenario says `limits: true`, as one writer's share; `check` tells what they mean. The legacy form (`overrides.ingestion_rate_limit_bytes`, ...) is read as well.",
    (key) => key.startsWith('overrides.') && !legacy.test(key),
  ],
  [
    'Compactors and readers',
    'What is beside the ingesters, and when readers see a block.',
    (key) => /^(compactor|backend_worker|storage\.trace\.(pool|block|blocklist))/.test(key),
  ],
];

export function settingsPage(): string {
  const byVersion = new Map(tempoVersions.map((version) => [version, settingsByPath(knownKeys(version).blocks)]));
  const keys = [
    ...new Set([USUAL_VERSION, ...tempoVersions].flatMap((version) => [...(byVersion.get(version)?.keys() ?? [])])),
  ];
  const ofConfig = sections.flatMap(([title, about, belongs]) => [
    `## ${title}`,
    about,
    settingsTable(keys.filter(belongs), (version, key) => byVersion.get(version)?.get(key)),
  ]);
  const own = (name: 'policy' | 'deployment') =>
    settingsTable(
      Object.keys(knownKeys('2.9').own[name]).map((key) => `${name}.${key}`),
      (version, key) => knownKeys(version).own[name][key.slice(name.length + 1)],
    );
  const without = (settings: Record<string, Setting>, prefix = '') =>
    table(
      ['setting', 'such as', 'what it does'],
      Object.entries(settings).map(([key, { fallback, about }]) => [`\`${prefix}${key}\``, `\`${fallback}\``, about]),
    );
  const parts = [
    '<!-- Made from harness/tempo/ by `npm run docs`: change it there. -->',
    '# The settings',
    'Every setting that is read, its default by version of Tempo, and what it does on the write path. Every other key of Tempo is taken and changes nothing; what the version does not have at all is refused where it stands, as Tempo refuses to start with it. [What differs between the versions](tempo-versions.md) says what no key sets.',
    "A setting comes from Tempo's own YAML (`--config`); from `<name>.deployment.yaml` beside it, which has what that YAML cannot say; from a scenario's `set:`; and, over all of them, from `--set key=value`. An empty cell: that version has no such key.",
    ...ofConfig,
    "## The client's policy",
    "What no key of Tempo sets: minio-go's constants, the transport that Tempo gives it, Go's resolver, and the constants of the flush queue. `--set policy.<name>=<value>` only.",
    own('policy'),
    "## The SDK's own behaviour",
    'With `--policy sdk` the Node SDK retries, waits and keeps connections as it does by itself, with these settings over its own defaults (`--set sdk.<name>=<value>`). Its constants cannot be compressed, so only scenarios with a `compression.time` of 1 are run.',
    without(knownKeys('2.9').own.sdk, 'sdk.'),
    '## The deployment',
    'The keys of `<name>.deployment.yaml`, and of `--set deployment.<name>=<value>`.',
    own('deployment'),
    '## Which Tempo, and whose client',
    "For a scenario's `set:`, or `--set`.",
    without(choices),
  ];
  return `${parts.join('\n\n')}\n`;
}

function settingsTable(keys: string[], find: (version: TempoVersion, key: string) => Setting | undefined): string {
  return table(
    ['setting', ...tempoVersions, 'what it does'],
    keys.map((key) => {
      const found = tempoVersions.map((version) => find(version, key));
      return [`\`${key}\``, ...found.map((setting) => (setting ? code(setting.fallback) : '')), aboutOf(found)];
    }),
  );
}

/** Once, or for each version where they do not agree. */
function aboutOf(found: (Setting | undefined)[]): string {
  const abouts = found.map((setting) => setting?.about);
  if (new Set(abouts.filter(Boolean)).size === 1) return abouts.find(Boolean) as string;
  return abouts.flatMap((about, index) => (about ? [`${tempoVersions[index]}: ${about}`] : [])).join('; ');
}

/** Empty where the default is to have none. */
function code(text: string): string {
  return text === '' ? 'none' : `\`${text}\``;
}
