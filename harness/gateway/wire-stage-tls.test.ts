/** The wire stage of a route that speaks TLS, against clients that shake hands, and others that do not. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import type { HistoryEvent, TlsHandshakeEvent, WireEvent } from '../history/events.ts';
import { type CertificateAuthority, createAuthority } from '../tls/certificate-authority.ts';
import type { ServerCertificate } from './protocol.ts';
import { WireRules } from './wire-rules.ts';
import { WireStage } from './wire-stage.ts';

let authority: CertificateAuthority;
let certificate: ServerCertificate;
let stage: WireStage | undefined;
let rules: WireRules;
let events: HistoryEvent[];
let handedOn: { socket: Socket; connection: number }[];
let clients: Socket[];

beforeAll(async () => {
  authority = await createAuthority(new Date());
  certificate = await authority.issue(['localhost', '127.0.0.1']);
});

/** A stage whose other side sends back what it is sent. */
async function open(tls: ServerCertificate | undefined = certificate): Promise<WireStage> {
  events = [];
  handedOn = [];
  clients = [];
  stage = await WireStage.listen({
    route: 'r',
    clock: realClock,
    record: (event) => events.push(event),
    tls,
    handOn(socket, connection) {
      handedOn.push({ socket, connection });
      socket.on('error', () => {});
      socket.pipe(socket);
    },
  });
  rules = new WireRules(stage);
  return stage;
}

afterEach(async () => {
  for (const client of clients) client.destroy();
  await stage?.close();
  stage = undefined;
});

function dial({ port }: WireStage): Socket {
  const client = connect({ host: '127.0.0.1', port });
  client.on('error', () => {});
  clients.push(client);
  return client;
}

/** Resolves when the handshake is over: with the connection, or rejects as the client's own does. */
async function shakeHands({ port }: WireStage, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const client = connectTls({
    host: '127.0.0.1',
    servername: 'localhost',
    port,
    ca: authority.certificate,
    ...options,
  });
  clients.push(client);
  await once(client, 'secureConnect');
  client.on('error', () => {});
  return client;
}

/** The first bytes of a handshake. */
function clientHello(options: ConnectionOptions): Promise<Buffer> {
  return new Promise((resolve) => {
    const wire = new Duplex({ read() {}, write: (chunk) => resolve(chunk) });
    connectTls({ socket: wire, servername: 'localhost', ...options }).on('error', () => {});
  });
}

async function echo(client: Socket, text: string): Promise<string> {
  client.write(text);
  return String((await once(client, 'data'))[0]);
}

const handshakes = () => events.filter((event): event is TlsHandshakeEvent => event.type === 'tls.handshake');
const wires = () => events.filter((event): event is WireEvent => event.type === 'wire');
const recorded = (count: number) => expect.poll(() => handshakes().length, { timeout: 5000 }).toBe(count);

describe('a handshake', () => {
  it('is recorded, and the decrypted connection handed on with its number', async () => {
    const opened = await open();
    const before = realClock.now();
    const first = await shakeHands(opened);
    expect(await echo(first, 'one')).toBe('one');
    await shakeHands(opened);
    await recorded(2);
    const [one, two] = handshakes() as [TlsHandshakeEvent, TlsHandshakeEvent];
    expect(one).toEqual({
      ...{ type: 'tls.handshake', route: 'r', connection: 1, outcome: 'ok' },
      ...{ start: expect.any(Number), t: expect.any(Number) },
    });
    expect(one.start).toBeGreaterThan(before);
    expect(one.t).toBeGreaterThan(one.start);
    expect(two.connection).toBe(2);
    expect(handedOn.map(({ connection }) => connection)).toEqual([1, 2]);
    first.end();
    await expect.poll(() => wires().length).toBe(1);
    expect(wires()).toMatchObject([{ connection: 1, ended: 'client' }]);
    // What came over the wire, not what was in it.
    expect(wires()[0]?.bytesIn).toBeGreaterThan(200);
  });

  it('agrees on HTTP/1.1, with clients that offer more or nothing', async () => {
    const opened = await open();
    expect((await shakeHands(opened, { ALPNProtocols: ['h2', 'http/1.1'] })).alpnProtocol).toBe('http/1.1');
    expect((await shakeHands(opened)).alpnProtocol).toBe(false);
    await expect(shakeHands(opened, { ALPNProtocols: ['h2'] })).rejects.toThrow(/no application protocol/);
    await recorded(3);
    expect(handshakes()[2]).toMatchObject({ outcome: 'fail', error: 'no application protocol' });
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('can resume a session of before, with %s', async (version) => {
    const opened = await open();
    const options = { minVersion: version, maxVersion: version };
    const first = await shakeHands(opened, options);
    const [session] = version === 'TLSv1.3' ? await once(first, 'session') : [first.getSession()];
    const second = await shakeHands(opened, { ...options, session });
    expect([first.isSessionReused(), second.isSessionReused()]).toEqual([false, true]);
  });

  it.each([
    ['plain HTTP', 'GET / HTTP/1.1\r\nHost: h\r\n\r\n', 'http request'],
    ['noise', Buffer.alloc(300, 0xa5), 'wrong version number'],
  ])('that gets %s fails, and the connection is closed', async (_what, bytes, error) => {
    const client = dial(await open());
    client.write(bytes);
    client.resume();
    await once(client, 'close');
    expect(handshakes()).toMatchObject([{ outcome: 'fail', connection: 1, error }]);
    expect(handedOn).toEqual([]);
    await expect.poll(() => wires().length).toBe(1);
    expect(events).toHaveLength(2);
  });

  it.each([
    ['leaves', (client: Socket) => client.destroy(), 'the client ended the connection'],
    ['ends its half', (client: Socket) => client.end(), 'the client ended the connection'],
    [
      'ends its half in the middle of a hello',
      (client: Socket) => client.end(Buffer.from([22, 3, 1, 2, 0, 1])),
      'the client ended the connection',
    ],
    ['resets', (client: Socket) => client.resetAndDestroy(), 'ECONNRESET'],
  ])('of a client that %s fails, and the connection is closed', async (_what, leave, error) => {
    const client = dial(await open());
    await once(client, 'connect');
    await realClock.sleep(20);
    leave(client);
    await expect.poll(() => wires().length).toBe(1);
    expect(handshakes()).toMatchObject([{ outcome: 'fail', error }]);
  });

  it.each([
    ['an authority that it does not know', 48, 'unknown ca'],
    ['a certificate that has expired', 45, 'certificate expired'],
  ])("fails with the client's own words about %s, as Go says them", async (_what, alert, error) => {
    const client = dial(await open());
    client.write(await clientHello({ maxVersion: 'TLSv1.2' }));
    await once(client, 'data');
    client.write(Buffer.from([21, 3, 3, 0, 2, 2, alert]));
    await once(client, 'close');
    expect(handshakes()).toMatchObject([{ outcome: 'fail', error }]);
  });

  it('may take as long as the client takes', async () => {
    const opened = await open();
    const client = dial(opened);
    await realClock.sleep(100);
    await shakeHands(opened);
    await recorded(1);
    expect(handshakes()).toMatchObject([{ connection: 2 }]);
    await stage?.close();
    expect(handshakes()[1]).toMatchObject({ connection: 1, outcome: 'fail', error: 'the connection was closed' });
    expect(wires()).toMatchObject([{ ended: 'gateway' }, { ended: 'gateway' }]);
    client.destroy();
  });

  it('of a thousand clients at once goes well for each', async () => {
    const opened = await open();
    const all = await Promise.all(Array.from({ length: 1000 }, () => shakeHands(opened)));
    expect(await echo(all[999] as TLSSocket, 'last')).toBe('last');
    expect(handshakes().filter(({ outcome }) => outcome === 'ok')).toHaveLength(1000);
  });
});

it('a broken record after the handshake ends the connection, and nothing else', async () => {
  const opened = await open();
  const raw = dial(opened);
  const client = connectTls({ socket: raw, servername: 'localhost', ca: authority.certificate });
  client.on('error', () => {});
  await once(client, 'secureConnect');
  await recorded(1);
  raw.write(Buffer.concat([Buffer.from([23, 3, 3, 0, 40]), Buffer.alloc(40, 1)]));
  await expect.poll(() => wires().length).toBe(1);
  expect(handshakes()).toMatchObject([{ outcome: 'ok' }]);
  expect(await echo(await shakeHands(opened), 'still')).toBe('still');
});

describe('the rule tls-handshake', () => {
  const hang = { kind: 'tls-handshake', rule: 'hang' } as const;

  it('holds handshakes back for ever, and ends them when it is removed; open connections never notice', async () => {
    const opened = await open();
    const before = await shakeHands(opened);
    rules.add(hang);
    const held = shakeHands(opened);
    held.catch(() => {});
    await expect.poll(() => rules.evidence('hang')).toEqual({ considered: 1, fired: 1, measured: { held: 1 } });
    await realClock.sleep(100);
    expect(await echo(before, 'open')).toBe('open');
    expect(handshakes()).toHaveLength(1);
    expect(rules.remove('hang')).toEqual({ considered: 1, fired: 1, measured: { held: 0 } });
    await expect(held).rejects.toThrow();
    expect(handshakes()[1]).toMatchObject({
      ...{ connection: 2, outcome: 'fail', rule: 'hang', error: 'held until rule hang was removed' },
    });
    expect(await echo(await shakeHands(opened), 'healed')).toBe('healed');
    expect(handshakes()[2]).not.toHaveProperty('rule');
  });

  it("delays the server's first byte, and then all goes well", async () => {
    const opened = await open();
    rules.add({ ...hang, rule: 'slow', delayMs: 150 });
    const client = await shakeHands(opened);
    expect(await echo(client, 'slow')).toBe('slow');
    await recorded(1);
    const [{ t, start, ...handshake }] = handshakes() as [TlsHandshakeEvent];
    expect(t - start).toBeGreaterThanOrEqual(150);
    expect(handshake).toMatchObject({ outcome: 'ok', rule: 'slow' });
    expect(rules.remove('slow')).toEqual({ considered: 1, fired: 1, measured: { held: 0 } });
  });

  it('lets delayed ones go on when it is removed', async () => {
    const opened = await open();
    rules.add({ ...hang, rule: 'slow', delayMs: 60_000 });
    const held = shakeHands(opened);
    await expect.poll(() => rules.evidence('slow').fired).toBe(1);
    rules.remove('slow');
    expect(await echo(await held, 'now')).toBe('now');
  });

  it.each([
    ['leaves', (client: Socket) => client.destroy()],
    ['ends its half', (client: Socket) => client.end()],
    ['resets', (client: Socket) => client.resetAndDestroy()],
  ])('sees a client that %s, after it sent its hello', async (_what, leave) => {
    const client = dial(await open());
    rules.add(hang);
    client.write(Buffer.alloc(517, 22));
    await expect.poll(() => rules.evidence('hang').measured).toEqual({ held: 1 });
    await realClock.sleep(30);
    leave(client);
    await expect.poll(() => wires().length).toBe(1);
    expect(handshakes()).toMatchObject([{ outcome: 'fail', rule: 'hang' }]);
    expect(rules.evidence('hang')).toEqual({ considered: 1, fired: 1, measured: { held: 0 } });
  });

  it('does not keep a route from being closed', async () => {
    const opened = await open();
    rules.add(hang);
    rules.add({ ...hang, rule: 'slow', delayMs: 60_000 });
    const held = shakeHands(opened);
    held.catch(() => {});
    await expect.poll(() => rules.evidence('hang').fired).toBe(1);
    await opened.close();
    await expect(held).rejects.toThrow();
    expect(handshakes()).toMatchObject([{ outcome: 'fail', error: 'the connection was closed' }]);
    expect(wires()).toMatchObject([{ ended: 'gateway' }]);
  });

  it('keeps no more than a hello of what a held client sends', async () => {
    const opened = await open();
    rules.add(hang);
    const client = dial(opened);
    client.write(Buffer.alloc(64 * 1024 * 1024));
    await realClock.sleep(300);
    expect(client.writableLength).toBeGreaterThan(32 * 1024 * 1024);
    rules.remove('hang');
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('is refused with a delay of %s', async (delayMs) => {
    await open();
    expect(() => rules.add({ ...hang, delayMs })).toThrow(
      `rule hang: delayMs is ${delayMs}: milliseconds from 0 on, or absent for ever`,
    );
  });
});

describe('the rule tls-certificate', () => {
  const show = async (flaw: 'expired' | 'untrusted') => ({
    ...({ kind: 'tls-certificate', rule: flaw } as const),
    ...(await authority.issue(['localhost'], flaw)),
  });

  it('shows new connections its certificate until it is removed', async () => {
    const opened = await open();
    const before = await shakeHands(opened);
    rules.add(await show('expired'));
    await expect(shakeHands(opened)).rejects.toThrow('certificate has expired');
    expect(await echo(before, 'open')).toBe('open');
    await recorded(2);
    expect(handshakes()[1]).toMatchObject({ rule: 'expired' });
    expect(rules.remove('expired')).toEqual({ considered: 1, fired: 1 });
    expect(await echo(await shakeHands(opened), 'healed')).toBe('healed');
    expect(handshakes()[2]).not.toHaveProperty('rule');
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('is shown to a client that would resume a session (%s)', async (version) => {
    const opened = await open();
    const options = { minVersion: version, maxVersion: version };
    const first = await shakeHands(opened, options);
    const [session] = version === 'TLSv1.3' ? await once(first, 'session') : [first.getSession()];
    rules.add(await show('untrusted'));
    await expect(shakeHands(opened, { ...options, session })).rejects.toThrow('unable to verify the first certificate');
  });

  it('is not counted where nothing of it was shown', async () => {
    const opened = await open();
    rules.add(await show('expired'));
    const client = dial(opened);
    await once(client, 'connect');
    client.destroy();
    await recorded(1);
    expect(rules.evidence('expired')).toEqual({ considered: 1, fired: 0 });
  });

  it('is shown to a handshake that is held back as well, and both are named', async () => {
    const opened = await open();
    rules.add(await show('expired'));
    rules.add({ kind: 'tls-handshake', rule: 'slow', delayMs: 50 });
    await expect(shakeHands(opened)).rejects.toThrow('certificate has expired');
    await recorded(1);
    expect(handshakes()).toMatchObject([{ rule: 'expired+slow' }]);
    expect(rules.evidence('expired').fired).toBe(1);
    expect(rules.evidence('slow').fired).toBe(1);
  });

  it.each([
    ['is none', async () => ({ cert: 'none', key: 'none' })],
    ['has the key of another', async () => ({ ...certificate, key: (await authority.issue(['localhost'])).key })],
  ])('is refused when the certificate %s', async (_what, wrong) => {
    await open();
    const definition = { kind: 'tls-certificate', rule: 'wrong', ...(await wrong()) } as const;
    expect(() => rules.add(definition)).toThrow(/^rule wrong: cert and key are no certificate and its key, in PEM: /);
    expect(() => rules.evidence('wrong')).toThrow('none of this name');
  });
});

describe('a route of plain HTTP', () => {
  it('refuses rules about TLS', async () => {
    const plain = await WireStage.listen({ route: 'r', clock: realClock, record: () => {}, handOn: () => {} });
    try {
      const plainRules = new WireRules(plain);
      expect(() => plainRules.add({ kind: 'tls-handshake', rule: 'hang' })).toThrow(
        'rule hang: tls-handshake wants a route that speaks TLS: open one with a certificate',
      );
      expect(() => plainRules.add({ kind: 'tls-certificate', rule: 'c', ...certificate })).toThrow(
        'rule c: tls-certificate wants a route that speaks TLS: open one with a certificate',
      );
    } finally {
      await plain.close();
    }
  });
});

it('a stage does not open with a certificate that is none', async () => {
  await expect(open({ cert: 'none', key: 'none' })).rejects.toThrow();
});
