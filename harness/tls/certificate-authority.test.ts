/** Certificates shown over real connections, to a client that checks them as ours do. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CertificateAuthority, createAuthority, namesOf } from './certificate-authority.ts';

const names = namesOf('writer.s3.chaos.test');
let authority: CertificateAuthority;

beforeAll(async () => {
  authority = await createAuthority(new Date());
});

/** What a client that trusts the authority finds when it connects to `host`: `ok`, or the code of its complaint. */
async function shown(
  certificate: { cert: string; key: string },
  host: string,
  trusted: string | undefined = authority.certificate,
): Promise<string> {
  const server = createServer(certificate, (socket) => socket.on('error', () => {}).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect({
    port,
    // What is checked is the name that was asked for, whatever it leads to.
    host: '127.0.0.1',
    ...(/^[\d.]+$/.test(host) ? {} : { servername: host }),
    ...(trusted !== undefined && { ca: trusted }),
  });
  try {
    return await new Promise<string>((resolve) => {
      client.once('secureConnect', () => resolve('ok'));
      client.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  } finally {
    client.destroy();
    server.close();
  }
}

describe('a certificate', () => {
  it.each(['writer.s3.chaos.test', 'bucket.writer.s3.chaos.test', 'localhost', '127.0.0.1'])(
    'is good for %s',
    async (host) => {
      expect(await shown(await authority.issue(names), host)).toBe('ok');
    },
  );

  it.each([
    ['another name', 'other.s3.chaos.test'],
    ['a name of two labels more', 'a.bucket.writer.s3.chaos.test'],
  ])('is not good for %s', async (_, host) => {
    expect(await shown(await authority.issue(names), host)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('is not good for an address that it does not name', async () => {
    expect(await shown(await authority.issue(['writer.s3.chaos.test']), '127.0.0.1')).toBe(
      'ERR_TLS_CERT_ALTNAME_INVALID',
    );
  });

  it('that is expired is refused for that, its names and its authority being right', async () => {
    const expired = await authority.issue(names, 'expired');
    expect(await shown(expired, 'localhost')).toBe('CERT_HAS_EXPIRED');
    const { issuer } = new X509Certificate(expired.cert);
    expect(issuer).toBe(new X509Certificate(authority.certificate).subject);
  });

  it('that is untrusted is refused for that, its names and its time being right', async () => {
    const untrusted = await authority.issue(names, 'untrusted');
    expect(await shown(untrusted, 'localhost')).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    expect(new X509Certificate(untrusted.cert).validTo).toBe(
      new X509Certificate((await authority.issue(names)).cert).validTo,
    );
  });

  it('is trusted by nobody who was not told of the authority', async () => {
    expect(await shown(await authority.issue(names), 'localhost', '')).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    const other = await createAuthority(new Date());
    expect(await shown(await other.issue(names), 'localhost')).not.toBe('ok');
  });

  it('is good for a run of weeks that began at the given time, and not before or after', async () => {
    const now = new Date('2026-05-01T00:00:00Z');
    const { certificate, issue } = await createAuthority(now);
    const inForce = { validFrom: 'Apr 30 00:00:00 2026 GMT', validTo: 'May 31 00:00:00 2026 GMT' };
    expect(new X509Certificate(certificate)).toMatchObject(inForce);
    expect(new X509Certificate((await issue(names)).cert)).toMatchObject(inForce);
    expect(new X509Certificate((await issue(names, 'expired')).cert).validTo).toBe('Apr 30 00:00:00 2026 GMT');
  });

  it('has a serial number of its own, and a key of its own', async () => {
    const issued = await Promise.all([1, 2, 3].map(() => authority.issue(names)));
    const serials = issued.map(({ cert }) => new X509Certificate(cert).serialNumber);
    expect(new Set(serials).size).toBe(3);
    expect(new Set(issued.map(({ key }) => key)).size).toBe(3);
    for (const { cert, key } of issued) {
      expect(new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))).toBe(true);
    }
  });
});

it('the authority signs for servers, and for no other authority', async () => {
  const root = new X509Certificate(authority.certificate);
  const leaf = new X509Certificate((await authority.issue(names)).cert);
  expect(root.ca).toBe(true);
  expect(leaf.ca).toBe(false);
  expect(leaf.verify(root.publicKey)).toBe(true);
  expect(leaf.subjectAltName).toBe(
    'DNS:writer.s3.chaos.test, DNS:*.writer.s3.chaos.test, DNS:localhost, IP Address:127.0.0.1',
  );
});
