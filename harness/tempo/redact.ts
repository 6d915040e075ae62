/**
 * A config's copy for the results folder: the text with every secret replaced by `<redacted>`, all else kept, comments too. What
 * counts is the name of the key, anywhere in the file; all below such a key is secret, and so is what its alias stands for.
 */
import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import { ConfigError } from './config-error.ts';
import { readYaml, type YamlDocument } from './yaml-document.ts';

const REDACTED = '<redacted>';

/** Names of keys whose values are secret, in Tempo's manifest and in what commonly stands beside it. */
const SECRET =
  /(^|_)(account_key|api_key|encryption_key|private_key|client_key|token|credentials?|authorization|bearer)($|_)|^(key|sse|basic_auth|headers|remote_write_headers)$|^tls_key|secret|passw|access_?key/i;

/** In a comment: `# secret_key: ...`. */
const IN_COMMENT =
  /([A-Za-z0-9_]*(?:access_?key|account_key|encryption_key|secret|passw|token|authorization)[A-Za-z0-9_]*["']?[ \t]*[:=][ \t]*)(\S.*)/gi;

/** A secret shorter than this is replaced where it stands, but not wherever else its letters occur. */
const SHORTEST_TO_SEARCH = 8;

/** Whether the value of a key of this name is never shown. */
export function isSecretKey(name: string): boolean {
  return SECRET.test(name);
}

/**
 * The YAML text of a config without its secrets. `env` is needed because a reference may stand for anything, quotes included.
 * @throws ConfigError when the text is not valid YAML: then nobody can tell what in it is secret.
 */
export function redactYaml(text: string, env: NodeJS.ProcessEnv = process.env): string {
  const { document, problems } = readYaml(text, 'config', env);
  if (!document) throw new ConfigError(problems);
  return redactDocument(text, document);
}

/** The same for a document that has been read from `text` already. */
export function redactDocument(text: string, document: YamlDocument): string {
  const ranges: [number, number][] = [];
  const secrets = new Set<string>();
  const hide = (node: Node | null): void => {
    const target = node && document.resolve(node);
    if (isMap(target)) for (const pair of target.items) hide(pair.value as Node | null);
    if (isSeq(target)) for (const item of target.items) hide(item as Node);
    if (!isScalar(target) || !target.range || target.source === '') return;
    const value = String(target.value);
    for (const line of [value, ...value.split('\n')]) {
      if (line.trim().length >= SHORTEST_TO_SEARCH) secrets.add(line.trim());
    }
    const [start, end] = target.range;
    if (end > start) ranges.push([document.expanded.fileStart(start), document.expanded.fileEnd(end)]);
  };
  const search = (node: Node | null): void => {
    if (!node || isAlias(node)) return;
    if (isSeq(node)) for (const item of node.items) search(item as Node);
    if (!isMap(node)) return;
    for (const pair of node.items) {
      const key = document.resolve(pair.key as Node);
      if (isScalar(key) && isSecretKey(String(key.value))) hide(pair.value as Node | null);
      else {
        search(pair.value as Node | null);
        // A mapping may be a key (`? {a: b}`).
        search(pair.key as Node | null);
      }
    }
  };
  search(document.root ?? null);

  let redacted = '';
  let at = 0;
  for (const [start, end] of ranges.sort((a, b) => a[0] - b[0])) {
    // Two aliases of one anchor hide the same range.
    if (start < at) continue;
    const lineBreak = text.slice(start, end).endsWith('\n') ? '\n' : '';
    redacted += text.slice(at, start) + REDACTED + lineBreak;
    at = end;
  }
  redacted += text.slice(at);
  // The longest first: one secret may be part of another.
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
    redacted = redacted.replace(new RegExp(`(?<!\\w)${secret.replace(/[^\w\s]/g, '\\$&')}(?!\\w)`, 'g'), REDACTED);
  }
  return redacted
    .split('\n')
    .map((line) => {
      const comment = line.search(/(^|\s)#/);
      if (comment < 0) return line;
      return line.slice(0, comment) + line.slice(comment).replace(IN_COMMENT, `$1${REDACTED}`);
    })
    .join('\n');
}
