/** Headers as they came: in their order and their case, as in `rawHeaders` (name, value, name, value, ...). */

/** Says which attempt a request is; no business of S3's. */
export const attemptHeader = 'x-chaos-attempt';

/**
 * What belongs to one connection and not to the message (RFC 9110, 7.6.1). `Transfer-Encoding` and `Trailer` stay: the body is
 * framed on the next connection as it was on this one.
 */
const hopByHop = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'upgrade']);

/**
 * What a `Connection` header may not name (RFC 9110, 7.6.1): without the length, the next server would take the body for another
 * request.
 */
const ofMessage = new Set(['content-length', 'transfer-encoding', 'trailer', 'host']);

const none: ReadonlySet<string> = new Set();

function namedByConnection(raw: readonly string[]): ReadonlySet<string> {
  const named = new Set<string>();
  for (let index = 0; index < raw.length; index += 2) {
    if ((raw[index] as string).toLowerCase() !== 'connection') continue;
    for (const token of (raw[index + 1] as string).split(',')) {
      const name = token.trim().toLowerCase();
      if (!ofMessage.has(name)) named.add(name);
    }
  }
  return named;
}

/** `raw` without what belongs to the connection, without what its `Connection` header names, and without `strip`. */
export function endToEnd(raw: readonly string[], strip?: string): string[] {
  const named = header(raw, 'connection') === undefined ? none : namedByConnection(raw);
  const kept: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] as string).toLowerCase();
    if (!hopByHop.has(name) && !named.has(name) && name !== strip)
      kept.push(raw[index] as string, raw[index + 1] as string);
  }
  return kept;
}

/** The value of the first header called `name` (in lower case). */
export function header(raw: readonly string[], name: string): string | undefined {
  for (let index = 0; index < raw.length; index += 2) {
    if ((raw[index] as string).length === name.length && (raw[index] as string).toLowerCase() === name)
      return raw[index + 1];
  }
  return undefined;
}

/** As they go over the wire, each with its line end. */
export function lines(raw: readonly string[]): string {
  let text = '';
  for (let index = 0; index < raw.length; index += 2) text += `${raw[index]}: ${raw[index + 1]}\r\n`;
  return text;
}

/** As pairs, which is how node:http takes trailers. */
export function pairs(raw: readonly string[]): [string, string][] {
  const result: [string, string][] = [];
  for (let index = 0; index < raw.length; index += 2) result.push([raw[index] as string, raw[index + 1] as string]);
  return result;
}
