/**
 * Percent-encodes as SigV4 does (RFC 3986: all but letters, digits, `-`, `.`, `_`, `~`), so that what is sent is what was
 * signed. `encodeURIComponent` leaves five more characters alone.
 */
export function escapeUri(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
