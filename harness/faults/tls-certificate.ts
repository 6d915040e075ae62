import { z } from 'zod';
import { counted } from '../checkers/counted.ts';
import { namesOf } from '../tls/certificate-authority.ts';
import { defineFault } from './fault.ts';
import { aboutHandshakes, injectHandshakeRule, pathsHandshakes } from './handshake-rule.ts';
import { handshakesInForce, noHandshake, ruledHandshakes } from './handshakes-in-force.ts';
import { openConnections } from './lease-name.ts';

/** A host that no path has. */
const ANOTHER_HOST = 'another-host.chaos.test';

/** What is wrong with it, as the clients of Node say it. */
const complaints = {
  expired: /certificate has expired/,
  'wrong-name': /does not match certificate's altnames/,
  untrusted: /unable to verify the first certificate|unable to get (local )?issuer certificate|self-signed certificate/,
} as const;
type Flaw = keyof typeof complaints;

/** New connections are shown a certificate that no client should accept. */
export const tlsCertificate = defineFault({
  name: 'tls-certificate',
  about: 'New connections are shown a certificate that has expired, names another host, or is signed by nobody known.',
  details: [
    `${aboutHandshakes} The certificate is made for it: by the run's own authority and for the path's own names, but over since a day ` +
      '(`expired`); by that authority, in force, for another host (`wrong-name`); or for the right names, in force, by an authority that ' +
      'no client was told of (`untrusted`). Sessions of before are not resumed under it. Healing shows the right one again.',
    'Its evidence: handshakes in which the gateway showed it, and attempts that ended in their handshake with this complaint. A client ' +
      'that accepts it, and sends a request, disproves it.',
    'To minio-go all three are transport errors like others, tried again within its ten attempts. Its code means to give up at once on an ' +
      'unknown authority, and does not: since Go 1.20 that error comes inside another, which it does not look for (docs/decisions/024).',
  ].join('\n\n'),
  place: 'tls',
  parameters: z.strictObject({
    flaw: z.enum(Object.keys(complaints) as [Flaw, ...Flaw[]]).describe('what is wrong with the certificate'),
    connections: openConnections(),
  }),
  example: { flaw: 'expired' },
  demonstrations: [
    {
      about: 'The certificate has expired, and is renewed half a minute later: blocks wait, and nothing is lost.',
      compression: { time: 20, bytes: 200 },
      load: { rate: '53MB/s', blocks: 6 },
      set: { 'storage.trace.s3.insecure': false },
      timeline: [{ at: '0s', for: '30s', with: { flaw: 'expired' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
    {
      about: 'For half a minute the certificate names another host.',
      compression: { time: 20, bytes: 200 },
      load: { rate: '53MB/s', blocks: 6 },
      set: { 'storage.trace.s3.insecure': false },
      timeline: [{ at: '0s', for: '30s', with: { flaw: 'wrong-name' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
    {
      about: 'For half a minute the certificate is signed by an authority that nobody knows.',
      compression: { time: 20, bytes: 200 },
      load: { rate: '53MB/s', blocks: 6 },
      set: { 'storage.trace.s3.insecure': false },
      timeline: [{ at: '0s', for: '30s', with: { flaw: 'untrusted' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
  ],
  needs: ['tls'],
  touches: pathsHandshakes,
  compress: (parameters) => parameters,
  async inject({ lease, parameters: { flaw, connections }, id }) {
    const { authority, endpoint } = lease;
    if (!authority) {
      throw new Error(
        `tls-certificate: the path ${lease.name} speaks plain HTTP and shows no certificate: set storage.trace.s3.insecure to false`,
      );
    }
    const names = flaw === 'wrong-name' ? [ANOTHER_HOST] : namesOf(endpoint.host);
    const certificate = await authority.issue(names, flaw === 'wrong-name' ? undefined : flaw);
    return injectHandshakeRule(lease, { kind: 'tls-certificate', rule: id, ...certificate }, connections);
  },
  effect(context) {
    const { flaw } = context.fault.with as { flaw: Flaw };
    const handshakes = handshakesInForce(context);
    if (handshakes.length === 0) return noHandshake(context);
    const accepted = handshakes.filter(({ through }) => through).length;
    if (accepted > 0) {
      return {
        seen: false,
        message: `${accepted} of ${counted(handshakes.length, 'handshake')} went through, where no client should accept the certificate`,
      };
    }
    const refused = handshakes.filter(
      ({ attempt: { failure, message } }) => failure === 'tls' && complaints[flaw].test(message ?? ''),
    ).length;
    const shown = ruledHandshakes(context);
    if (refused === 0 || shown === 0) {
      return {
        seen: false,
        message: `of ${counted(handshakes.length, 'handshake')}, clients refused ${refused} for it, and the gateway showed it in ${shown}`,
      };
    }
    return {
      seen: true,
      message: `${refused} of ${counted(handshakes.length, 'attempt')} to connect were given up because of the certificate`,
    };
  },
});
