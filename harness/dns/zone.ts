/** The names that the harness gave out, what is wrong with them at the moment, and what each query for them is answered. */
import type { Answer } from 'dns-packet';
import type { Recorder } from '../history/events.ts';
import { isWithin, type Query, type Reply, wireName } from './message.ts';
import { type DnsFault, type DnsFaultEvidence, dnsZone } from './protocol.ts';
import type { ResponseCode } from './response-code.ts';

export interface NameRecord {
  name: string;
  /** IPv4. */
  addresses: readonly string[];
  ttlSeconds: number;
  /** Takes the `dns.query` events of this name. */
  record: Recorder;
}

interface Entry extends NameRecord {
  fault?: DnsFault;
  fired: number;
}

export interface Decision {
  /** Absent: the query is not to be answered. */
  reply?: Reply;
  /** The name that the query was for, if we gave it out. */
  known?: NameRecord;
  /** The rule that decided it. */
  rule?: string;
}

/** A request about a name that cannot be met. */
export class ZoneError extends Error {
  override readonly name = 'ZoneError';
  constructor(
    readonly reason: 'unknown' | 'conflict',
    message: string,
  ) {
    super(message);
  }
}

const zoneWireName = wireName(dnsZone);

/** For answers that say that there is nothing. No time to live: a name that is added now must resolve now. */
const startOfAuthority: Answer = {
  type: 'SOA',
  name: dnsZone,
  ttl: 0,
  data: {
    mname: `ns.${dnsZone}`,
    rname: `hostmaster.${dnsZone}`,
    serial: 1,
    refresh: 3600,
    retry: 600,
    expire: 86_400,
    minimum: 0,
  },
};

export class Zone {
  readonly #entries = new Map<string, Entry>();

  /** @throws ZoneError when the name, in whatever case, is taken. */
  add(record: NameRecord): void {
    const key = wireName(record.name);
    if (this.#entries.has(key)) {
      throw new ZoneError('conflict', `DNS name "${record.name}" is taken: remove it first, or give out another`);
    }
    this.#entries.set(key, { ...record, fired: 0 });
  }

  /** @throws ZoneError when there is no such name. */
  remove(name: string): NameRecord {
    const entry = this.#find(name);
    this.#entries.delete(wireName(name));
    return entry;
  }

  /** @throws ZoneError when there is no such name, or when it has a fault, whose evidence would be lost. */
  fail(name: string, fault: DnsFault): void {
    const entry = this.#find(name);
    if (entry.fault) {
      throw new ZoneError(
        'conflict',
        `DNS fault "${fault.rule}": "${name}" already has the fault "${entry.fault.rule}": heal that one first`,
      );
    }
    entry.fault = fault;
    entry.fired = 0;
  }

  /** @throws ZoneError when there is no such name, or no fault on it. */
  evidence(name: string): DnsFaultEvidence {
    return { fired: this.#failing(name).fired };
  }

  /** @throws ZoneError when there is no such name, or no fault on it. */
  heal(name: string): DnsFaultEvidence {
    const entry = this.#failing(name);
    delete entry.fault;
    return { fired: entry.fired };
  }

  /** Decides what one query is answered, and counts it if a fault decided. */
  answer(query: Query): Decision {
    if (query.edns && query.edns.version > 0) return { reply: withoutRecords('BADVERS', false) };
    if (query.opcode !== 0) return { reply: withoutRecords('NOTIMP', false) };
    if (query.class !== 'IN' || !isWithin(query.wireName, zoneWireName)) {
      return { reply: withoutRecords('REFUSED', false) };
    }
    const entry = this.#entries.get(query.wireName);
    if (!entry) {
      // The zone's own name exists, it only has no addresses.
      return { reply: nothing(query.wireName === zoneWireName ? 'NOERROR' : 'NXDOMAIN') };
    }
    if (entry.fault) {
      entry.fired++;
      const reply = failing(entry.fault.mode);
      return { known: entry, rule: entry.fault.rule, ...(reply && { reply }) };
    }
    if (query.type !== 'A') return { known: entry, reply: nothing('NOERROR') };
    return {
      known: entry,
      reply: {
        code: 'NOERROR',
        authoritative: true,
        answers: entry.addresses.map((data) => ({ type: 'A', name: query.name, ttl: entry.ttlSeconds, data })),
        authorities: [],
      },
    };
  }

  #find(name: string): Entry {
    const entry = this.#entries.get(wireName(name));
    if (!entry) throw new ZoneError('unknown', `DNS name "${name}" is not known: add it first (POST /names)`);
    return entry;
  }

  #failing(name: string): Entry {
    const entry = this.#find(name);
    if (!entry.fault)
      throw new ZoneError('unknown', `DNS name "${name}" has no fault: inject one first, and heal it once`);
    return entry;
  }
}

function failing(mode: DnsFault['mode']): Reply | undefined {
  switch (mode) {
    case 'servfail':
      return withoutRecords('SERVFAIL', false);
    case 'nxdomain':
      return nothing('NXDOMAIN');
    case 'silent':
      return undefined;
  }
}

function withoutRecords(code: ResponseCode, authoritative: boolean): Reply {
  return { code, authoritative, answers: [], authorities: [] };
}

function nothing(code: 'NOERROR' | 'NXDOMAIN'): Reply {
  return { code, authoritative: true, answers: [], authorities: [startOfAuthority] };
}
