/**
 * The names that the harness gave out, what is wrong with them at the moment, and what each query for them is answered:
 *
 * 1. What is no query of class IN, or of an EDNS0 that we do not speak, is told so.
 * 2. The name asked for is one that was given out, or one label below one (`bucket.name`); a name that was itself given out wins.
 *    With something more behind it, it is a client going through its search list: that name does not exist.
 * 3. The fault on the name, if the query is drawn for it, changes the answer. What it does not change does not count as fired.
 */
import type { Answer } from 'dns-packet';
import type { Recorder } from '../history/events.ts';
import { Random } from '../random.ts';
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

interface FaultOnName {
  fault: DnsFault;
  considered: number;
  fired: number;
  /** How many times each question was asked: what its draw is keyed by. */
  asked: Map<string, number>;
}

interface Entry extends NameRecord {
  on?: FaultOnName;
}

/** How a name that was asked for stands to the one that was given out: `@`, `*.@` below it, `@.svc.cluster.local` with a suffix. */
interface Found {
  entry: Entry;
  relation: string;
  suffixed: boolean;
}

export interface Decision {
  /** Absent: the query is not to be answered. */
  reply?: Reply;
  /** When the reply is to be sent, milliseconds from now. */
  delayMs?: number;
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
/** The labels of the zone, without the root behind them. */
const zoneLabels = zoneWireName.slice(0, -1);

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
    this.#entries.set(key, { ...record });
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
    if (entry.on) {
      throw new ZoneError(
        'conflict',
        `DNS fault "${fault.rule}": "${name}" already has the fault "${entry.on.fault.rule}": heal that one first`,
      );
    }
    entry.on = { fault, considered: 0, fired: 0, asked: new Map() };
  }

  /** @throws ZoneError when there is no such name, or no fault on it. */
  evidence(name: string): DnsFaultEvidence {
    const { fired, considered } = this.#failing(name);
    return { fired, considered };
  }

  /** @throws ZoneError when there is no such name, or no fault on it. */
  heal(name: string): DnsFaultEvidence {
    const evidence = this.evidence(name);
    delete this.#find(name).on;
    return evidence;
  }

  /** The rules in force on a name. @throws ZoneError when there is no such name. */
  faults(name: string): string[] {
    const { on } = this.#find(name);
    return on ? [on.fault.rule] : [];
  }

  /** Decides what one query is answered, and counts it if a fault decided. */
  answer(query: Query, transport: 'udp' | 'tcp'): Decision {
    if (query.edns && query.edns.version > 0) return { reply: withoutRecords('BADVERS') };
    if (query.opcode !== 0) return { reply: withoutRecords('NOTIMP') };
    if (query.class !== 'IN') return { reply: withoutRecords('REFUSED') };
    const found = this.#lookUp(query.wireName);
    if (!found) {
      if (!isWithin(query.wireName, zoneWireName)) return { reply: withoutRecords('REFUSED') };
      // The zone's own name exists, it only has no addresses.
      return { reply: nothing(query.wireName === zoneWireName ? 'NOERROR' : 'NXDOMAIN') };
    }
    const { entry, suffixed } = found;
    const usual = suffixed ? withoutRecords('NXDOMAIN') : addresses(query, entry.addresses, entry.ttlSeconds);
    const { on } = entry;
    if (!on) return { known: entry, reply: usual };
    on.considered++;
    const treated = isDrawn(on, found, query.type, transport)
      ? treat(on.fault, query, transport, usual, suffixed)
      : undefined;
    if (!treated) return { known: entry, reply: usual };
    on.fired++;
    return { known: entry, rule: on.fault.rule, ...treated };
  }

  #lookUp(asked: string): Found | undefined {
    // Where the zone's labels begin in it, at the border of a label: the first time, as what a search list adds is behind.
    let offset = 0;
    while (offset < asked.length - 1 && !asked.startsWith(zoneLabels, offset)) offset += asked.charCodeAt(offset) + 1;
    if (offset >= asked.length - 1) return undefined;
    const name = `${asked.slice(0, offset)}${zoneWireName}`;
    const suffix = asked.slice(offset + zoneLabels.length);
    const suffixed = suffix !== '\0';
    const behind = suffixed ? suffix : '';
    const exact = this.#entries.get(name);
    if (exact) return { entry: exact, relation: `@${behind}`, suffixed };
    const above = this.#entries.get(name.slice(name.charCodeAt(0) + 1));
    return above && { entry: above, relation: `*.@${behind}`, suffixed };
  }

  #find(name: string): Entry {
    const entry = this.#entries.get(wireName(name));
    if (!entry) throw new ZoneError('unknown', `DNS name "${name}" is not known: add it first (POST /names)`);
    return entry;
  }

  #failing(name: string): FaultOnName {
    const { on } = this.#find(name);
    if (!on) throw new ZoneError('unknown', `DNS name "${name}" has no fault: inject one first, and heal it once`);
    return on;
  }
}

function isDrawn({ fault, asked }: FaultOnName, { relation }: Found, type: string, transport: string): boolean {
  if (!fault.sometimes) return true;
  const key = [relation, type, transport];
  const times = (asked.get(key.join(' ')) ?? 0) + 1;
  asked.set(key.join(' '), times);
  const { seed, probability } = fault.sometimes;
  return new Random(seed).uniform(fault.rule, ...key, times) < probability;
}

/** What a fault makes of one query; `undefined` when it leaves the answer as it is. */
function treat(
  fault: DnsFault,
  query: Query,
  transport: 'udp' | 'tcp',
  usual: Reply,
  suffixed: boolean,
): Pick<Decision, 'reply' | 'delayMs'> | undefined {
  const has = (code: 'NOERROR' | 'NXDOMAIN') => usual.code === code && usual.answers.length === 0;
  switch (fault.mode) {
    case 'servfail':
      return { reply: withoutRecords('SERVFAIL') };
    case 'refused':
      return { reply: withoutRecords('REFUSED') };
    case 'nxdomain':
      return has('NXDOMAIN') ? undefined : { reply: nothing('NXDOMAIN') };
    case 'empty':
      return has('NOERROR') ? undefined : { reply: nothing('NOERROR') };
    case 'silent':
      return {};
    case 'slow':
      return { reply: usual, delayMs: fault.delayMs };
    case 'truncated':
      if (transport === 'udp') return { reply: { ...usual, cut: true } };
      return fault.tcp === 'silent' ? {} : undefined;
    case 'stale':
      if (suffixed || query.type !== 'A') return undefined;
      return { reply: addresses(query, fault.addresses, fault.ttlSeconds) };
  }
}

function addresses(query: Query, addresses: readonly string[], ttl: number): Reply {
  if (query.type !== 'A') return nothing('NOERROR');
  return {
    code: 'NOERROR',
    authoritative: true,
    answers: addresses.map((data) => ({ type: 'A', name: query.name, ttl, data })),
    authorities: [],
  };
}

function withoutRecords(code: ResponseCode): Reply {
  return { code, authoritative: false, answers: [], authorities: [] };
}

function nothing(code: 'NOERROR' | 'NXDOMAIN'): Reply {
  return { code, authoritative: true, answers: [], authorities: [startOfAuthority] };
}
