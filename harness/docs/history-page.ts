/** The history's page, made from its schemas: docs/history.md. */
import { historyJsonSchema } from '../history/schema.ts';
import { table } from './fault-page.ts';

/** Who saw it. */
const vantagePoints: readonly { title: string; about: string; types: readonly string[] }[] = [
  {
    title: 'The client',
    about: "What the writer's S3 client saw of its own requests.",
    types: ['attempt'],
  },
  {
    title: 'The wire stage',
    about:
      'What the gateway saw of connections, below S3. Of each request it saw the first and the last byte: `edge.wire`.',
    types: ['wire', 'tls.handshake'],
  },
  {
    title: 'The S3 edge, and MinIO behind it',
    about: 'What the gateway saw of requests, and, as `edge.upstream`, what MinIO did with each.',
    types: ['edge'],
  },
  { title: 'The DNS server', about: 'What it was asked for.', types: ['dns.query'] },
  {
    title: 'The writers',
    about: 'What each told of its data, its local disk and its flushes, at once and in its own process.',
    types: [
      ...[
        'push',
        'wal.page',
        'complete.start',
        'complete',
        'block.cut',
        'flush.start',
        'flush.end',
        'block.cleared',
        'block.dropped',
      ],
      ...['data.lost', 'disk', 'writer.process', 'writer.start-failed', 'writer.error'],
    ],
  },
  {
    title: 'Others in the bucket',
    about: 'Compactors, readers, and the traffic beside the writers.',
    types: ['compaction', 'poll', 'background'],
  },
  {
    title: 'The harness',
    about: 'What was run, what was done to the path and when, and how the harness itself fared.',
    types: [
      ...['scenario', 'phase', 'fault.start', 'fault.end', 'server', 'probe', 'lateness', 'harness.error'],
      'release.error',
    ],
  },
  {
    title: 'The final read',
    about: 'What is there when all is over: straight from MinIO and from the local disks, past all faults.',
    types: ['final.object', 'final.upload', 'final.local', 'final.wal', 'final.read', 'seal'],
  },
];

interface Schema {
  description?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | false;
  required?: string[];
}

/** @throws Error when an event has no vantage point: it would be missing in the page. */
export function historyPage(): string {
  const { $defs } = historyJsonSchema() as { $defs: Record<string, Schema> };
  const placed = new Set(vantagePoints.flatMap(({ types }) => types));
  const missing = Object.keys($defs).filter((type) => !placed.has(type));
  if (missing.length > 0) throw new Error(`docs: ${missing.join(', ')}: say in history-page.ts who saw these events`);
  const sections = vantagePoints.flatMap(({ title, about, types }) => [
    `## ${title}`,
    about,
    ...types.flatMap((type) => section(type, $defs[type] as Schema)),
  ]);
  return `${[...introduction, ...sections].join('\n\n')}\n`;
}

const introduction = [
  '<!-- Made from harness/history/ by `npm run docs`: change it there. -->',
  '# The history',
  'What happened in one scenario, as events: `history.ndjson` in its folder, one JSON object a line. It is the one record that all judging is done from, so `tempo-s3-chaos replay` computes the verdict again from the file alone, on any machine. As JSON Schema, for one line: [history.schema.json](history.schema.json).',
  [
    '- **One clock.** `t`, and every other moment, is in milliseconds on the monotonic clock that all processes of the machine share; it has no date. Events are in the order of `t`.',
    '- **As it passed.** Durations and bytes are those that passed: under compression, compressed. `scenario.compression` undoes it.',
    '- **Four vantage points.** The client, the wire stage, the S3 edge and MinIO each saw a request: `attempt.id` and `edge.id` are the same for the same attempt, and `edge` has what the wire stage and MinIO saw of it.',
    '- **Three outcomes.** `ok`, `fail`, and `info`: an attempt whose answer was lost may have been applied, and no checker assumes either.',
    '- **Whole, or not judged.** Each process writes a part of its own; when the scenario is over the parts are merged, and the last line *seals* the file: how many events there are, and the SHA-256 of all the bytes before it. What was cut short or edited since is refused. So is a history of another `scenario.format`.',
    '- **No secrets.** Credentials are in none of it.',
  ].join('\n'),
];

function section(type: string, { description = '', properties = {}, required = [] }: Schema): string[] {
  const { t: _t, type: _type, ...own } = properties;
  const rows = Object.entries(own).flatMap(([name, schema]) => rowsOf(name, schema, required.includes(name)));
  return [`### ${type}`, description, ...(rows.length > 0 ? [table(['key', 'type', 'what it is'], rows)] : [])];
}

/** One for the key, and one for each key below it. */
function rowsOf(name: string, schema: Schema, required: boolean): string[][] {
  const inside = schema.items ?? schema;
  const below = schema.items ? `${name}[].` : `${name}.`;
  const children = Object.entries(inside.properties ?? {}).flatMap(([key, child]) =>
    rowsOf(below + key, child, inside.required?.includes(key) ?? false),
  );
  return [
    [`\`${name}\``, `${typeOf(schema)}${required ? '' : ', may be absent'}`, schema.description ?? ''],
    ...children,
  ];
}

function typeOf({ type, const: constant, enum: values, anyOf, items, additionalProperties }: Schema): string {
  if (constant !== undefined) return `\`${constant}\``;
  // The operations of S3 by their names are many, and known.
  if (values) return values.length > 12 ? 'an operation of S3' : values.map((value) => `\`${value}\``).join(', ');
  if (anyOf) return anyOf.map(typeOf).join(' or ');
  if (items) return `list of ${typeOf(items)}`;
  if (additionalProperties) return `object of ${typeOf(additionalProperties)}`;
  return [type ?? 'any'].flat().join(' or ');
}
