/**
 * What of a resolv.conf decides how often Go asks: how many servers it names, and how often each is asked (`dnsReadConfig` in Go's
 * net/dnsconfig_unix.go). The client that is compared with reads the machine's own, wherever its questions then go.
 */

/** Go takes no more (glibc's MAXNS). */
const MOST_SERVERS = 3;

/** @param text of the file; `undefined`: there is none. */
export function resolvConf(text: string | undefined): { servers: number; attempts: number } {
  let servers = 0;
  let attempts = 2;
  for (const line of (text ?? '').split('\n')) {
    const [keyword, ...values] = line.split(/\s+/).filter((word) => word !== '');
    if (keyword === 'nameserver' && values.length > 0) servers = Math.min(MOST_SERVERS, servers + 1);
    if (keyword !== 'options') continue;
    for (const option of values) {
      const asked = /^attempts:(\d+)$/.exec(option)?.[1];
      if (asked !== undefined) attempts = Math.max(1, Number(asked));
    }
  }
  // Without one, 127.0.0.1 and ::1.
  return { servers: servers || 2, attempts };
}
