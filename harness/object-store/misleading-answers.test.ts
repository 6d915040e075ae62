/** Answers that would lead a client astray: each is an error of this attempt, and nothing else happens. */
import { describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import { AttemptProbe, probeClient, probeTransport } from './attempt-probe.ts';
import { clientNames } from './clients.ts';
import { MemoryBody } from './memory-body.ts';
import { isRetryable } from './retryable.ts';
import { S3Error } from './s3-operations.ts';
import { errorDocument, ToldServer, type Treat } from './told-server.ts';

const body = new MemoryBody(Buffer.from('content'));
const MINUTE_MS = 60_000;

describe.each(clientNames)('%s', (name) => {
  async function against<T>(
    treat: Treat,
    act: (s3: Awaited<ReturnType<typeof probeClient>>, probe: AttemptProbe, server: ToldServer) => Promise<T>,
  ): Promise<T> {
    await using server = await ToldServer.start(treat);
    const s3 = await probeClient(name, server.port, probeTransport({}));
    try {
      return await act(s3, new AttemptProbe(), server);
    } finally {
      s3.close();
    }
  }

  it.each([
    [301, 'PermanentRedirect'],
    [307, 'TemporaryRedirect'],
  ])('does not follow a %i', (status, code) => {
    let port = 0;
    const moved = () => ({
      status,
      body: errorDocument(code),
      headers: { location: `http://127.0.0.1:${port}/lease-1/k?followed`, 'x-amz-bucket-region': 'eu-west-1' },
    });
    return against(moved, async (s3, probe, server) => {
      port = server.port;
      const calls = [
        () => s3.putObject('k', body, probe.context()),
        () => s3.headObject('k', probe.context()),
        () => s3.listObjectsV2('', undefined, probe.context()),
      ];
      for (const call of calls) {
        const error = await call().catch((e) => e);
        expect(error).toBeInstanceOf(S3Error);
        expect(error).toMatchObject({ status });
        expect(isRetryable(error)).toBe(false);
      }
      expect(server.seen.map(({ url }) => url).filter((url) => url.includes('followed'))).toEqual([]);
      expect(server.seen).toHaveLength(calls.length);
    });
  });

  it('does not set its clock by what S3 says the time is', () => {
    const ahead = (status: number, document?: string) => ({
      status,
      ...(document !== undefined && { body: document }),
      headers: { date: new Date(realClock.date().getTime() + 20 * MINUTE_MS).toUTCString(), etag: '"put"' },
    });
    const skewed = errorDocument('RequestTimeTooSkewed').replace(
      '</Error>',
      `<ServerTime>${new Date(realClock.date().getTime() + 20 * MINUTE_MS).toISOString()}</ServerTime></Error>`,
    );
    return against(
      ({ number }) => (number === 1 ? ahead(403, skewed) : ahead(200)),
      async (s3, probe, server) => {
        const error = await s3.putObject('k', body, probe.context()).catch((e) => e);
        expect(error).toMatchObject({ status: 403, code: 'RequestTimeTooSkewed' });
        expect(isRetryable(error)).toBe(false);
        for (let i = 0; i < 2; i++) await s3.putObject('k', body, probe.context());
        for (const { headers } of server.seen) {
          const signed = String(headers['x-amz-date']).replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5');
          expect(Math.abs(Date.parse(signed) - realClock.date().getTime())).toBeLessThan(5 * MINUTE_MS);
        }
      },
    );
  });

  it('finds the error behind the white space of a 200', () =>
    against(
      () => ({ status: 200, body: ' '.repeat(5000) + errorDocument('InternalError') }),
      async (s3, probe) => {
        const error = await s3.completeMultipartUpload('k', 'u', [], probe.context()).catch((e) => e);
        expect(error).toMatchObject({ status: 200, code: 'InternalError' });
        expect(isRetryable(error)).toBe(true);
      },
    ));

  it('finds the error between a declaration that was sent first, and its white space', () =>
    against(
      () => ({ status: 200, body: errorDocument('InternalError').replace('?>', `?>${' '.repeat(5000)}`) }),
      async (s3, probe) => {
        const error = await s3.completeMultipartUpload('k', 'u', [], probe.context()).catch((e) => e);
        expect(error).toMatchObject({ status: 200, code: 'InternalError' });
      },
    ));

  it('does not take what is no XML for an upload', () =>
    against(
      () => ({ status: 200, body: '<InitiateMultipartUploadResult><UploadId>u</UqloadId>' }),
      async (s3, probe) => {
        const error = await s3.createMultipartUpload('k', probe.context()).catch((e) => e);
        expect(error).toMatchObject({ failure: 'protocol', status: 200 });
        expect(isRetryable(error)).toBe(false);
      },
    ));
});
