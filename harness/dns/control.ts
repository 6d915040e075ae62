/** The control API of the DNS process (see protocol.ts): what the harness asks for, checked, done in the zone, and written down. */
import { z } from 'zod';
import type { HistoryEvent } from '../history/events.ts';
import { HistoryPart } from '../history/part.ts';
import { ControlError, type Handler } from '../process/control-server.ts';
import { type DnsFault, dnsZone, type NameRequest } from './protocol.ts';
import { type Zone, ZoneError } from './zone.ts';

/** So many that an answer fits into a DNS message over TCP (65,535 bytes), whatever the name's length. */
const MOST_ADDRESSES = 200;

/** Longer than any resolver waits for an answer. */
const LONGEST_DELAY_MS = 3_600_000;

const addresses = z.array(z.ipv4()).min(1).max(MOST_ADDRESSES);
const ttlSeconds = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);

const nameRequest: z.ZodType<NameRequest> = z.strictObject({
  name: z
    .string()
    .max(253, 'a DNS name has 253 characters at most')
    .regex(/^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{1,63}$/i, 'not a DNS name')
    .refine((name) => name.toLowerCase().endsWith(`.${dnsZone}`), `a name has to end with .${dnsZone}`),
  addresses,
  ttlSeconds,
  historyFile: z.string().min(1),
});

/** What every fault has, beside what its mode asks for. */
const ofEveryMode = {
  rule: z.string().min(1),
  sometimes: z.strictObject({ seed: z.int(), probability: z.number().gt(0).lte(1) }).exactOptional(),
};

const faultRequest: z.ZodType<DnsFault> = z.discriminatedUnion('mode', [
  z.strictObject({ ...ofEveryMode, mode: z.literal(['servfail', 'nxdomain', 'refused', 'empty', 'silent']) }),
  z.strictObject({
    ...ofEveryMode,
    mode: z.literal('slow'),
    delayMs: z.number().gt(0).lte(LONGEST_DELAY_MS),
  }),
  z.strictObject({ ...ofEveryMode, mode: z.literal('truncated'), tcp: z.enum(['answers', 'silent']) }),
  z.strictObject({ ...ofEveryMode, mode: z.literal('stale'), addresses, ttlSeconds }),
]);

export class DnsControl {
  readonly #zone: Zone;
  readonly #parts = new Map<string, HistoryPart>();

  constructor(zone: Zone) {
    this.#zone = zone;
  }

  readonly handlers: Record<string, Handler> = {
    'POST /names': (_, body) => {
      const { historyFile, ...name } = checked('POST /names', nameRequest, body);
      const key = name.name.toLowerCase();
      asControlError(() => this.#zone.add({ ...name, record: (event) => this.#parts.get(key)?.record(event) }));
      this.#parts.set(key, new HistoryPart(historyFile));
    },
    'DELETE /names/:name': async ({ name = '' }) => {
      asControlError(() => this.#zone.remove(name));
      const part = this.#parts.get(name.toLowerCase());
      this.#parts.delete(name.toLowerCase());
      await part?.close();
    },
    'PUT /names/:name/fault': ({ name = '' }, body) => {
      const fault = checked(`PUT /names/${name}/fault`, faultRequest, body);
      asControlError(() => this.#zone.fail(name, fault));
    },
    'GET /names/:name/fault': ({ name = '' }) => asControlError(() => this.#zone.evidence(name)),
    'GET /names/:name/faults': ({ name = '' }) => asControlError(() => ({ rules: this.#zone.faults(name) })),
    'DELETE /names/:name/fault': ({ name = '' }) => asControlError(() => this.#zone.heal(name)),
  };

  /** Writes an event that concerns every name into the part of each. */
  readonly recordForAll = (event: HistoryEvent): void => {
    for (const part of this.#parts.values()) part.record(event);
  };

  /** Writes out the parts of the names that are left. @throws Error when one cannot be written. */
  async close(): Promise<void> {
    const parts = [...this.#parts.values()];
    this.#parts.clear();
    await Promise.all(parts.map((part) => part.close()));
  }
}

function checked<T>(request: string, schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  throw new ControlError(400, `${request}: ${problems.join('; ')}`);
}

function asControlError<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof ZoneError)) throw error;
    throw new ControlError(error.reason === 'unknown' ? 404 : 409, error.message);
  }
}
