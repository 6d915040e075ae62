/** Makes the certificates of the run's authority: X.509, ECDSA with P-256, as most of today's servers show. */
// The package that signs asks for this one to be there first.
import 'reflect-metadata';
import { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import type { CertificateAuthority } from './certificate-authority.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** See certificate-authority.ts. */
export async function createAuthority(now: Date): Promise<CertificateAuthority> {
  const { subtle } = globalThis.crypto;
  const newKeys = () => subtle.generateKey(algorithm, true, ['sign', 'verify']);
  let serial = 0;
  const nextSerial = () => (++serial).toString(16).padStart(16, '0');
  const within = (from: number, to: number) => ({
    notBefore: new Date(now.getTime() + from),
    notAfter: new Date(now.getTime() + to),
  });

  const signer = async (name: string) => {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: nextSerial(),
      name: `CN=${name}`,
      ...within(-DAY_MS, 30 * DAY_MS),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return { keys, certificate };
  };
  const authority = await signer('tempo-s3-chaos run CA');

  return {
    certificate: authority.certificate.toString('pem'),
    async issue(names, flaw) {
      const by = flaw === 'untrusted' ? await signer('tempo-s3-chaos untrusted CA') : authority;
      const keys = await newKeys();
      const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: nextSerial(),
        subject: `CN=${names[0]}`,
        issuer: by.certificate.subject,
        ...(flaw === 'expired' ? within(-10 * DAY_MS, -DAY_MS) : within(-DAY_MS, 30 * DAY_MS)),
        signingAlgorithm: algorithm,
        publicKey: keys.publicKey,
        signingKey: by.keys.privateKey,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
          new x509.SubjectAlternativeNameExtension(
            names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }) as const),
          ),
          await x509.AuthorityKeyIdentifierExtension.create(by.certificate.publicKey),
        ],
      });
      return {
        cert: certificate.toString('pem'),
        key: KeyObject.from(keys.privateKey).export({ format: 'pem', type: 'pkcs8' }) as string,
      };
    },
  };
}
