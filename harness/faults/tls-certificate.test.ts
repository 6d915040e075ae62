import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { TlsCertificateRule } from '../gateway/protocol.ts';
import { createAuthority, namesOf } from '../tls/certificate-authority.ts';
import { effectOf } from './example-effect.ts';
import { inVain, pooled, shookHands } from './example-handshakes.ts';
import { injected } from './example-injection.ts';
import { objections } from './refused-parameters.ts';
import { tlsCertificate } from './tls-certificate.ts';

const rule = '1-tls-certificate';
const shown = (flaw: string) => tlsCertificate.parameters.parse({ flaw });
/** The client's words. */
const complaint = {
  expired: 'tls: certificate has expired',
  'wrong-name':
    "tls: Hostname/IP does not match certificate's altnames: Host: a.s3.chaos.test. is not in the cert's altnames: DNS:b",
  untrusted: 'tls: unable to verify the first certificate',
};
const refused = (start: number, message: string, by: string | undefined = rule) =>
  inVain(start, 20, by, { client: { message }, ended: { outcome: 'ok' } });

describe('the effect', () => {
  it.each(Object.entries(complaint))('is seen when clients complained of it: %s', (flaw, message) => {
    const happened = [refused(1000, message), refused(1500, message), pooled(1600)];
    expect(effectOf('tls-certificate', shown(flaw), happened)).toEqual({
      seen: true,
      message: '2 of 2 attempts to connect were given up because of the certificate',
    });
  });

  it.each([
    ['expired', complaint['wrong-name']],
    ['wrong-name', complaint.untrusted],
    ['untrusted', complaint.expired],
    ['untrusted', 'net/http: TLS handshake timeout'],
  ])('of %s is not seen in another complaint: %s', (flaw, message) => {
    expect(effectOf('tls-certificate', shown(flaw), [refused(1000, message)])).toEqual({
      seen: false,
      message: 'of 1 handshake, clients refused 0 for it, and the gateway showed it in 1',
    });
  });

  it('is not seen when a client accepted what it was shown', () => {
    const happened = [refused(1000, complaint.expired), shookHands(1500, 20, rule)];
    expect(effectOf('tls-certificate', shown('expired'), happened, { end: { fired: 7 } })).toEqual({
      seen: false,
      message: '1 of 2 handshakes went through, where no client should accept the certificate',
    });
  });

  it('is not seen when the gateway did not show it', () => {
    const happened = [refused(1000, complaint.expired, ''), refused(1200, complaint.expired, '2-tls-certificate')];
    expect(effectOf('tls-certificate', shown('expired'), happened).seen).toBe(false);
  });

  it('is not seen when no connection was opened', () => {
    expect(effectOf('tls-certificate', shown('expired'), [pooled(1000)])).toEqual({
      seen: false,
      message: 'no TLS handshake began while it was in force: 1 requests went over connections that were open before',
    });
  });
});

describe('the certificate', () => {
  const endpoint = { host: 'a.s3.chaos.test', port: 1, secure: true };
  const proxy = { endConnections: async () => {} } as never;

  async function ruleFor(flaw: string): Promise<{ certificate: X509Certificate; authority: X509Certificate }> {
    const authority = await createAuthority(new Date());
    const lease = { name: 'a', endpoint, proxy, authority };
    const { rules } = await injected('tls-certificate', { flaw }, { lease });
    expect(rules).toMatchObject([{ kind: 'tls-certificate', rule, key: expect.stringContaining('PRIVATE KEY') }]);
    const { cert } = rules[0] as TlsCertificateRule;
    return { certificate: new X509Certificate(cert), authority: new X509Certificate(authority.certificate) };
  }

  it.each(['expired', 'untrusted'])('that is %s is right in all else', async (flaw) => {
    const { certificate, authority } = await ruleFor(flaw);
    for (const name of ['a.s3.chaos.test', 'bucket.a.s3.chaos.test'])
      expect(certificate.checkHost(name)).toBe(name === namesOf('a.s3.chaos.test')[0] ? name : '*.a.s3.chaos.test');
    expect(certificate.verify(authority.publicKey)).toBe(flaw === 'expired');
    expect(new Date(certificate.validTo) < new Date()).toBe(flaw === 'expired');
  });

  it('of another name is right in all else', async () => {
    const { certificate, authority } = await ruleFor('wrong-name');
    expect(certificate.checkHost('a.s3.chaos.test')).toBeUndefined();
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect(new Date(certificate.validTo) > new Date()).toBe(true);
  });

  it('cannot be had of a path that speaks plain HTTP', async () => {
    const plain = { name: 'a', endpoint: { ...endpoint, secure: false }, proxy };
    await expect(injected('tls-certificate', { flaw: 'expired' }, { lease: plain })).rejects.toThrow(
      'tls-certificate: the path a speaks plain HTTP and shows no certificate: set storage.trace.s3.insecure to false',
    );
    expect(tlsCertificate.needs).toEqual(['tls']);
  });
});

it.each([[{}], [{ flaw: 'revoked' }], [{ flaw: 'expired', connections: 'close' }], [{ flaw: 'expired', delay: '1s' }]])(
  '%j is refused',
  (parameters) => {
    expect(objections('tls-certificate', parameters)).toHaveLength(1);
  },
);
