/** What of faults is in force on a lease's path, asked where each acts: after the last heal, nothing. */
import type { Lease } from '../environment/lease.ts';

/** Names, with the place: `gateway rule 1-s3-error`. One that cannot be asked is named too: it is not known to be healed. */
export async function inForce(
  { edge, proxy, dns, neighbours, server }: Lease,
  machine?: { inForce(): Promise<string[]> },
): Promise<string[]> {
  const places: [place: string, ask: () => Promise<readonly string[]>][] = [
    ['gateway rule', () => edge.rules()],
    ['Toxiproxy', () => proxy.inForce()],
    ['DNS fault', () => dns.inForce()],
    ['address', async () => neighbours.open()],
    ['server', async () => server?.inForce() ?? []],
    ['writers', async () => (await machine?.inForce()) ?? []],
  ];
  const asked = await Promise.all(
    places.map(async ([place, ask]) => {
      try {
        return (await ask()).map((name) => `${place}: ${name}`);
      } catch (error) {
        return [`${place}: cannot be asked: ${(error as Error).message}`];
      }
    }),
  );
  return asked.flat();
}
