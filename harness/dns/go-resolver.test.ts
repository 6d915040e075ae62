import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type Answer, AUTHORITATIVE_ANSWER, encode, RECURSION_AVAILABLE, TRUNCATED_RESPONSE } from 'dns-packet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, realClock } from '../clock.ts';
import type { DnsQueryEvent } from '../history/events.ts';
import { DnsServer } from './dns-server.ts';
import { type GoResolverOptions, goResolver } from './go-resolver.ts';
import { failureOf, name, never, probedServer, questionsOf } from './resolver-probe.ts';
import { type Asked, type Script, type ScriptedServer, scriptedServer } from './scripted-server.ts';

/** Long enough for loopback, and waited for only where nothing is to come. */
const TIMEOUT_MS = 80;

function resolverOf(servers: GoResolverOptions['servers'], options: Partial<GoResolverOptions> = {}) {
  return goResolver({ servers, clock: realClock, timeoutMs: 2000, ...options });
}

/** Sockets of this process, after those that are closing have closed. */
async function openSockets(): Promise<number> {
  await realClock.sleep(20);
  return process.getActiveResourcesInfo().filter((resource) => /UDP|TCP/.test(resource)).length;
}

describe('with our DNS server', () => {
  let server: DnsServer;
  let at: string;
  let queries: DnsQueryEvent[];

  beforeEach(async () => {
    ({ server, queries } = await probedServer(['127.0.0.1', '127.0.0.2'], 60));
    at = `127.0.0.1:${server.port}`;
  });
  afterEach(() => server[Symbol.asyncDispose]());

  function addMany(addresses: string[]) {
    server.zone.add({
      name: 'many.s3.chaos.test',
      addresses,
      ttlSeconds: 60,
      record: (event) => queries.push(event as DnsQueryEvent),
    });
  }

  function asked() {
    return questionsOf(queries);
  }

  it('asks for A and AAAA once, over UDP, and gives the addresses in the order of the answer', async () => {
    expect(await resolverOf([server]).resolve(name, never)).toEqual(['127.0.0.1', '127.0.0.2']);
    expect(asked()).toEqual(['A udp NOERROR', 'AAAA udp NOERROR']);
  });

  it('keeps nothing: the next look-up asks anew, whatever the time to live', async () => {
    const resolver = resolverOf([server]);
    await resolver.resolve(name, never);
    await resolver.resolve(name, never);
    expect(asked()).toEqual(['A udp NOERROR', 'A udp NOERROR', 'AAAA udp NOERROR', 'AAAA udp NOERROR']);
  });

  it('makes one look-up of ten at the same time', async () => {
    const resolver = resolverOf([server]);
    const all = await Promise.all(Array.from({ length: 10 }, () => resolver.resolve(name, never)));
    expect(all).toEqual(Array.from({ length: 10 }, () => ['127.0.0.1', '127.0.0.2']));
    expect(asked()).toEqual(['A udp NOERROR', 'AAAA udp NOERROR']);
  });

  it('asks over TCP what was truncated over UDP', async () => {
    const many = Array.from({ length: 100 }, (_, n) => `127.0.1.${n}`);
    addMany(many);
    expect(await resolverOf([server]).resolve('many.s3.chaos.test', never)).toEqual(many);
    expect(asked()).toEqual(['A tcp NOERROR', 'A udp TRUNCATED', 'AAAA udp NOERROR']);
  });

  it('believes NXDOMAIN at once, and asks no other server', async () => {
    server.zone.fail(name, { rule: 'r', mode: 'nxdomain' });
    const error = await failureOf(resolverOf([server, server]).resolve(name, never));
    expect(error).toMatchObject({ kind: 'no-such-host', hostname: name, server: at, temporary: false });
    expect(error.message).toBe(`lookup ${name} on ${at}: no such host`);
    expect(asked()).toEqual(['A udp NXDOMAIN', 'AAAA udp NXDOMAIN']);
  });

  it('asks every server twice on SERVFAIL', async () => {
    server.zone.fail(name, { rule: 'r', mode: 'servfail' });
    const error = await failureOf(resolverOf([server, server]).resolve(name, never));
    expect(error).toMatchObject({ kind: 'server-misbehaving', temporary: true });
    expect(error.message).toBe(`lookup ${name} on ${at}: server misbehaving`);
    expect(asked()).toEqual([...Array(4).fill('A udp SERVFAIL'), ...Array(4).fill('AAAA udp SERVFAIL')]);
  });

  it('takes the answer of the next server when the first fails', async () => {
    await using failing = await DnsServer.start(realClock);
    failing.zone.add({ name, addresses: ['127.0.0.9'], ttlSeconds: 1, record() {} });
    failing.zone.fail(name, { rule: 'r', mode: 'servfail' });
    expect(await resolverOf([failing, server]).resolve(name, never)).toEqual(['127.0.0.1', '127.0.0.2']);
    expect(failing.zone.heal(name)).toEqual({ fired: 2, considered: 2 });
    expect(asked()).toEqual(['A udp NOERROR', 'AAAA udp NOERROR']);
  });

  it('says "server misbehaving", not temporary, when it is refused', async () => {
    const error = await failureOf(resolverOf([server]).resolve('example.com', never));
    expect(error).toMatchObject({ kind: 'server-misbehaving', temporary: false });
    expect(error.message).toBe(`lookup example.com on ${at}: server misbehaving`);
  });

  it('waits for each of two attempts when nobody answers', async () => {
    server.zone.fail(name, { rule: 'r', mode: 'silent' });
    const waits: number[] = [];
    const clock: Clock = {
      ...realClock,
      after(ms, then) {
        waits.push(ms);
        return realClock.after(ms, then);
      },
    };
    const error = await failureOf(resolverOf([server], { clock, timeoutMs: TIMEOUT_MS }).resolve(name, never));
    expect(error).toMatchObject({ kind: 'timeout', temporary: true });
    expect(error.message).toMatch(
      new RegExp(`^lookup ${name} on ${at}: read udp 127\\.0\\.0\\.1:\\d+->${at}: i/o timeout$`),
    );
    expect(asked()).toEqual(['A udp none', 'A udp none', 'AAAA udp none', 'AAAA udp none']);
    expect(waits).toEqual([TIMEOUT_MS, TIMEOUT_MS, TIMEOUT_MS, TIMEOUT_MS]);
  });

  it('asks as often as it is told', async () => {
    server.zone.fail(name, { rule: 'r', mode: 'silent' });
    await failureOf(resolverOf([server], { attempts: 1, timeoutMs: TIMEOUT_MS }).resolve(name, never));
    expect(asked()).toEqual(['A udp none', 'AAAA udp none']);
  });

  it('gives an IP address back without asking', async () => {
    for (const literal of ['127.0.0.9', '::1']) {
      expect(await resolverOf([server]).resolve(literal, never)).toEqual([literal]);
    }
    expect(asked()).toEqual([]);
  });

  it.each(['a..b', '1.2.3', '-a.b', 'a-.b', `${'a'.repeat(64)}.b`, 'a b', ''])(
    'asks nobody for "%s", which is no domain name',
    async (wrong) => {
      const error = await failureOf(resolverOf([server]).resolve(wrong, never));
      expect(error).toMatchObject({ kind: 'no-such-host', server: '', message: `lookup ${wrong}: no such host` });
    },
  );

  it('ends at once when it is aborted, and leaves no socket open', async () => {
    server.zone.fail(name, { rule: 'r', mode: 'silent' });
    const before = await openSockets();
    const dial = new AbortController();
    const looking = resolverOf([server], { timeoutMs: 30_000 }).resolve(name, dial.signal);
    looking.catch(() => {});
    while (queries.length < 2) await realClock.sleep(1);
    expect(await openSockets()).toBe(before + 2);
    dial.abort(new Error('dial timeout'));
    await expect(looking).rejects.toThrow('dial timeout');
    expect(await openSockets()).toBe(before);
    expect(asked()).toEqual(['A udp none', 'AAAA udp none']);
  });

  it('leaves no timer behind', async () => {
    const running = new Set<() => void>();
    const clock: Clock = {
      ...realClock,
      after(ms, then) {
        const cancel = realClock.after(ms, then);
        running.add(cancel);
        return () => {
          running.delete(cancel);
          cancel();
        };
      },
    };
    await resolverOf([server], { clock }).resolve(name, never);
    expect(running).toEqual(new Set());
  });

  it('asks nothing for who has already gone', async () => {
    const gone = resolverOf([server]).resolve(name, AbortSignal.abort(new Error('gone')));
    await expect(gone).rejects.toThrow('gone');
    expect(asked()).toEqual([]);
  });

  it('leaves no socket open, however a look-up ends', async () => {
    addMany(Array(100).fill('127.0.0.1'));
    const resolver = resolverOf([server], { timeoutMs: TIMEOUT_MS });
    const before = await openSockets();
    await resolver.resolve('many.s3.chaos.test', never);
    for (const mode of ['servfail', 'nxdomain', 'silent'] as const) {
      server.zone.fail(name, { rule: mode, mode });
      await failureOf(resolver.resolve(name, never));
      server.zone.heal(name);
    }
    expect(await openSockets()).toBe(before);
  });
});

describe('with a server that does as a test says', () => {
  const servers: ScriptedServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
  });

  async function scripted(script: Script): Promise<ScriptedServer> {
    const server = await scriptedServer(script);
    servers.push(server);
    return server;
  }

  interface Differently {
    id?: number;
    name?: string;
    type?: 'A' | 'AAAA';
    rcode?: number;
    flags?: number;
    answers?: Answer[];
  }

  function answerTo(
    asked: Asked,
    { id, name, type, rcode = 0, flags = AUTHORITATIVE_ANSWER, answers = [] }: Differently,
  ) {
    return encode({
      type: 'response',
      id: id ?? asked.id,
      flags: flags | rcode,
      questions: [{ name: name ?? asked.name, type: type ?? (asked.type as 'A') }],
      answers,
    });
  }

  const a = (data: string): Answer => ({ type: 'A', name: 'x.test', ttl: 1, data });
  const aaaa = (data: string): Answer => ({ type: 'AAAA', name: 'x.test', ttl: 1, data });

  /** Answers A with 10.0.0.1, after whatever `first` gives, and has no AAAA. */
  function addressAfter(first: (asked: Asked) => Buffer[] | Promise<Buffer[]>): Script {
    return async (asked) => {
      if (asked.type !== 'A') return [answerTo(asked, {})];
      return [...(await first(asked)), answerTo(asked, { answers: [a('10.0.0.1')] })];
    };
  }

  it.each([
    ['another id', (asked: Asked) => answerTo(asked, { id: asked.id ^ 1, answers: [a('10.6.6.6')] })],
    ['another name', (asked: Asked) => answerTo(asked, { name: 'y.test', answers: [a('10.6.6.6')] })],
    ['another type', (asked: Asked) => answerTo(asked, { type: 'AAAA', answers: [a('10.6.6.6')] })],
    [
      'two questions',
      (asked: Asked) => {
        const questions = [asked.type, 'TXT'].map((type) => ({ name: asked.name, type: type as 'A' }));
        return encode({ type: 'response', id: asked.id, questions, answers: [a('10.6.6.6')] });
      },
    ],
    ['no response bit', (asked: Asked) => Buffer.from(asked.packet)],
    ['nothing in it', () => Buffer.alloc(0)],
  ])('ignores a packet with %s', async (_, forged) => {
    const server = await scripted(addressAfter((asked) => [forged(asked)]));
    expect(await resolverOf([server]).resolve('x.test', never)).toEqual(['10.0.0.1']);
    expect(server.asked.sort()).toEqual(['A x.test udp', 'AAAA x.test udp']);
  });

  it('ignores an answer from another address', async () => {
    const other = createSocket('udp4').bind(0, '127.0.0.1');
    await once(other, 'listening');
    const server = await scripted(
      addressAfter(async (asked) => {
        const forged = answerTo(asked, { answers: [a('10.6.6.6')] });
        await new Promise((sent) => other.send(forged, asked.port, '127.0.0.1', sent));
        return [];
      }),
    );
    expect(await resolverOf([server]).resolve('x.test', never)).toEqual(['10.0.0.1']);
    other.close();
  });

  it('takes an answer that echoes the question in another case', async () => {
    const server = await scripted((asked) => [
      answerTo(asked, { name: 'X.tEST', answers: asked.type === 'A' ? [a('10.0.0.1')] : [] }),
    ]);
    expect(await resolverOf([server]).resolve('x.test', never)).toEqual(['10.0.0.1']);
  });

  it('gives IPv4 and IPv6 addresses, and follows an alias that is in the answer', async () => {
    const alias: Answer = { type: 'CNAME', name: 'x.test', data: 'y.test' };
    const server = await scripted((asked) => [
      answerTo(asked, { answers: [alias, asked.type === 'A' ? a('10.0.0.1') : aaaa('fd00::1')] }),
    ]);
    expect(await resolverOf([server]).resolve('x.test', never)).toEqual(['10.0.0.1', 'fd00::1']);
  });

  it('tells the shortest time to live of what it found', async () => {
    const ttl = (record: Answer, seconds: number) => ({ ...record, ttl: seconds }) as Answer;
    const find = async (forA: Answer[], forAaaa: Answer[]) => {
      const server = await scripted((asked) => [answerTo(asked, { answers: asked.type === 'A' ? forA : forAaaa })]);
      return (await resolverOf([server]).find('x.test', never)).ttlSeconds;
    };
    const alias: Answer = { type: 'CNAME', name: 'x.test', data: 'y.test' };
    expect(await find([ttl(a('10.0.0.1'), 60), ttl(a('10.0.0.2'), 30)], [ttl(aaaa('fd00::1'), 90)])).toBe(30);
    expect(await find([ttl(a('10.0.0.1'), 60)], [ttl(aaaa('fd00::1'), 20)])).toBe(20);
    expect(await find([ttl(alias, 7), ttl(a('10.0.0.1'), 60)], [])).toBe(7);
  });

  it('is content with one type, after both have ended', async () => {
    const server = await scripted((asked) =>
      asked.type === 'A' ? [answerTo(asked, { answers: [a('10.0.0.1')] })] : [answerTo(asked, { rcode: 2 })],
    );
    expect(await resolverOf([server]).resolve('x.test', never)).toEqual(['10.0.0.1']);
    expect(server.asked.sort()).toEqual(['A x.test udp', 'AAAA x.test udp', 'AAAA x.test udp']);
  });

  it('takes an answer without records for "no such host", and asks nobody else', async () => {
    const server = await scripted((asked) => [answerTo(asked, {})]);
    const other = await scripted((asked) => [answerTo(asked, {})]);
    const error = await failureOf(resolverOf([server, other]).resolve('x.test', never));
    expect(error.message).toBe(`lookup x.test on 127.0.0.1:${server.port}: no such host`);
    expect(server.asked.sort()).toEqual(['A x.test udp', 'AAAA x.test udp']);
    expect(other.asked).toEqual([]);
  });

  it('asks the next server when one can neither answer nor find out', async () => {
    // dns-packet's decode of such an answer, and Go's, has neither AA nor RA nor any record.
    const lame = await scripted((asked) => [answerTo(asked, { flags: 0 })]);
    const error = await failureOf(resolverOf([lame]).resolve('x.test', never));
    expect(error).toMatchObject({ kind: 'server-misbehaving', reason: 'lame referral' });
    expect(lame.asked).toHaveLength(4);
    const recursive = await scripted((asked) => [answerTo(asked, { flags: RECURSION_AVAILABLE })]);
    expect(await failureOf(resolverOf([recursive]).resolve('x.test', never))).toMatchObject({ kind: 'no-such-host' });
  });

  it('asks the next server when an answer cannot be read', async () => {
    const garbled = await scripted((asked) => {
      const answer = answerTo(asked, { answers: [a('10.0.0.1')] });
      return [answer.subarray(0, answer.length - 1)];
    });
    const error = await failureOf(resolverOf([garbled]).resolve('x.test', never));
    expect(error).toMatchObject({ kind: 'server-misbehaving', reason: 'cannot unmarshal DNS message' });
    expect(garbled.asked).toHaveLength(4);
  });

  it('draws a new id for each question', async () => {
    const ids: number[] = [];
    const server = await scripted((asked) => {
      ids.push(asked.id);
      return [answerTo(asked, {})];
    });
    for (let time = 0; time < 20; time++) await failureOf(resolverOf([server]).resolve('x.test', never));
    expect(ids).toHaveLength(40);
    expect(new Set(ids).size).toBeGreaterThan(30);
  });

  describe('over TCP', () => {
    const truncated = (asked: Asked) => [answerTo(asked, { flags: AUTHORITATIVE_ANSWER | TRUNCATED_RESPONSE })];

    it('takes what comes, even if it says that it is truncated', async () => {
      const server = await scripted((asked) =>
        asked.transport === 'udp'
          ? truncated(asked)
          : [
              answerTo(asked, {
                flags: AUTHORITATIVE_ANSWER | TRUNCATED_RESPONSE,
                answers: asked.type === 'A' ? [a('10.0.0.1')] : [],
              }),
            ],
      );
      expect(await resolverOf([server]).resolve('x.test', never)).toEqual(['10.0.0.1']);
      expect(server.asked.sort()).toEqual(['A x.test tcp', 'A x.test udp', 'AAAA x.test tcp', 'AAAA x.test udp']);
    });

    it.each([
      ['hangs up', () => 'hang-up' as const, 'network', /EOF$/],
      [
        'answers another question',
        (asked: Asked) => [answerTo(asked, { id: asked.id ^ 1 })],
        'server-misbehaving',
        /invalid DNS response$/,
      ],
      ['says nothing', () => [], 'timeout', /read tcp 127\.0\.0\.1:\d+->127\.0\.0\.1:\d+: i\/o timeout$/],
    ] satisfies [string, Script, string, RegExp][])(
      'is asked again when the server %s',
      async (_, script, kind, message) => {
        const server = await scripted((asked) => (asked.transport === 'udp' ? truncated(asked) : script(asked)));
        const error = await failureOf(resolverOf([server], { timeoutMs: TIMEOUT_MS }).resolve('x.test', never));
        expect(error.kind).toBe(kind);
        expect(error.message).toMatch(message);
        expect(server.asked.filter((each) => each === 'A x.test tcp')).toHaveLength(2);
      },
    );
  });

  it('says that nothing listens, without waiting for the timeout', async () => {
    const server = await scriptedServer(() => []);
    await server[Symbol.asyncDispose]();
    const resolver = resolverOf([server], { timeoutMs: 30_000 });
    const error = await failureOf(resolver.resolve('x.test', never));
    expect(error).toMatchObject({ kind: 'network', temporary: true });
    expect(error.message).toMatch(
      /^lookup x\.test on 127\.0\.0\.1:\d+: read udp 127\.0\.0\.1:\d+->127\.0\.0\.1:\d+: read: connection refused$/,
    );
  });

  describe('search list', () => {
    const options = { search: ['ns.svc', 'svc'], ndots: 2 };
    /** Knows one name. */
    const only = (known: string): Script => {
      return (asked) => [
        asked.name === known
          ? answerTo(asked, { answers: asked.type === 'A' ? [a('10.0.0.1')] : [] })
          : answerTo(asked, { rcode: 3 }),
      ];
    };
    const questions = (server: ScriptedServer) => server.asked.filter((each) => each.startsWith('A '));

    it('comes first for a name with fewer dots than ndots', async () => {
      const server = await scripted(only('x.test'));
      expect(await resolverOf([server], options).resolve('x.test', never)).toEqual(['10.0.0.1']);
      expect(questions(server)).toEqual(['A x.test.ns.svc udp', 'A x.test.svc udp', 'A x.test udp']);
    });

    it('comes last for a name with as many', async () => {
      const server = await scripted(only('a.x.test.svc'));
      expect(await resolverOf([server], options).resolve('a.x.test', never)).toEqual(['10.0.0.1']);
      expect(questions(server)).toEqual(['A a.x.test udp', 'A a.x.test.ns.svc udp', 'A a.x.test.svc udp']);
    });

    it('is left out for a name that ends with a dot', async () => {
      const server = await scripted(only('x.test.svc'));
      const error = await failureOf(resolverOf([server], options).resolve('x.test.', never));
      expect(error.message).toBe(`lookup x.test. on 127.0.0.1:${server.port}: no such host`);
      expect(questions(server)).toEqual(['A x.test udp']);
    });

    it('does not show in the error, which is about the name itself', async () => {
      const server = await scripted((asked) => [answerTo(asked, { rcode: asked.name === 'a.x.test' ? 2 : 3 })]);
      const error = await failureOf(resolverOf([server], options).resolve('a.x.test', never));
      expect(error.message).toBe(`lookup a.x.test on 127.0.0.1:${server.port}: server misbehaving`);
    });
  });
});

it.each([
  [{ servers: [] }, 'no DNS server'],
  [{ servers: [{ host: 'localhost', port: 53 }] }, '"localhost" is not an IP address'],
  [{ servers: [{ host: '127.0.0.1', port: 53 }], attempts: 0 }, 'at least 1'],
])('refuses options that it cannot work with: %j', (options, message) => {
  expect(() => goResolver({ clock: realClock, ...options })).toThrow(message);
});
