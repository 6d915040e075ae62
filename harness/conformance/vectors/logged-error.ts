/**
 * Logged errors in a form in which those of two runs can be compared: ids and addresses are another's in each run, and the words of the
 * server are its own. What the client says itself (Go's `Put "http://...": context deadline exceeded`) is compared to the last word.
 */

/** Stands for what the server said. */
const serverSaid = "<the server's message>";

/** A block's id, in the form that UUIDs have. */
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** As Go quotes the URL of a request that failed on the way: `Put "http://host/bucket/key?query": `. */
const quotedUrl = /\b(Put|Post|Get|Delete|Head) "https?:\/\/[^"]*"/g;
/** Everything up to the object that an operation was about, and what is said of it. */
const aboutObject = /^(.*\bobject \S+: )(.*)$/s;
/** Said by the client, not by the server. */
const ownWords = /^((Put|Post|Get|Delete|Head) <url>: |context )/;

/** Of a recording: what was no word of the client's own was the server's. */
export function comparableRecordedError(error: string): string {
  const [, about, said] = aboutObject.exec(general(error)) ?? [];
  if (about === undefined || said === undefined || ownWords.test(said)) return general(error);
  return about + serverSaid;
}

/** Of our writer, which also tells what the server has said: only that is the server's. */
export function comparableError(error: string, serverMessages: ReadonlySet<string>): string {
  const [, about, said] = aboutObject.exec(general(error)) ?? [];
  if (about === undefined || said === undefined || !serverMessages.has(said)) return general(error);
  return about + serverSaid;
}

function general(error: string): string {
  return error.replace(quotedUrl, '$1 <url>').replace(uuid, '<id>');
}
