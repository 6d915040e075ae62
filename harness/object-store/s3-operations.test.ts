/** What holds for every client: one attempt of one operation, and what became of it told in the same way. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import { AttemptProbe, probeClient, probeTransport } from './attempt-probe.ts';
import { clientNames } from './clients.ts';
import { MemoryBody } from './memory-body.ts';
import { DeadlineExceeded } from './object-store.ts';
import { type RealMinio, startRealMinio } from './real-minio.ts';
import { type Body, NamelessUpload, S3Error, type S3Operations, TransportError } from './s3-operations.ts';
import { errorDocument, ToldServer, type Treat } from './told-server.ts';

const body = new MemoryBody(Buffer.from('a block'));

describe.each(clientNames)('%s, against a server that does as it is told', (name) => {
  async function against<T>(
    treat: Treat | undefined,
    act: (s3: S3Operations, probe: AttemptProbe, server: ToldServer) => Promise<T>,
    timeouts = {},
  ): Promise<T> {
    await using server = await ToldServer.start(treat);
    const transport = probeTransport({ timeouts });
    const s3 = await probeClient(name, server.port, transport);
    try {
      return await act(s3, new AttemptProbe(), server);
    } finally {
      s3.close();
    }
  }

  it('sends a PUT as Tempo does: signed, of known length, without checksums, Expect or chunks', () =>
    against(undefined, async (s3, probe, server) => {
      expect(await s3.putObject('a/b c', body, probe.context())).toEqual({ etag: '"put"' });
      const [seen] = server.seen;
      expect(server.seen).toHaveLength(1);
      expect(seen).toMatchObject({ method: 'PUT', size: 7, sha256: await body.sha256() });
      expect(seen?.url.split('?')[0]).toBe('/lease-1/a/b%20c');
      expect(seen?.headers).toMatchObject({
        host: `s3.chaos.test:${server.port}`,
        'content-length': '7',
        'x-amz-content-sha256': await body.sha256(),
        'x-chaos-attempt': 'r1.1',
      });
      const sent = Object.keys(seen?.headers ?? {});
      expect(
        sent.filter((header) => /checksum|trailer|md5|expect|transfer-encoding|decoded|amz-sdk/.test(header)),
      ).toEqual([]);
      expect(seen?.headers.authorization).not.toContain('x-chaos-attempt');
    }));

  it.each([['ok'], ['reset'], ['early']] as const)('leaves nothing behind that grows with each request (%s)', (how) =>
    against(how === 'early' ? () => ({ status: 503, early: true }) : () => how, async (s3, probe) => {
      const warnings: string[] = [];
      const warned = ({ message }: Error) => void warnings.push(message);
      process.on('warning', warned);
      // Node warns of more than ten listeners, in a turn of its own.
      for (let count = 0; count < 12; count++) await s3.putObject('k', body, probe.context()).catch(() => {});
      await new Promise(setImmediate);
      process.off('warning', warned);
      expect(warnings).toEqual([]);
    }),
  );

  it('tells of a success: phases, bytes, connection', () =>
    against(undefined, async (s3, probe) => {
      await s3.putObject('k', body, probe.context());
      const first = probe.event;
      expect(first).toMatchObject({
        type: 'attempt',
        id: 'r1.1',
        request: 'r1',
        attempt: 1,
        operation: 'PutObject',
        bucket: 'lease-1',
        key: 'k',
        outcome: 'ok',
        status: 200,
        bytesSent: 7,
        bytesReceived: 0,
        connection: 1,
        reused: false,
      });
      expect(first).not.toHaveProperty('failure');
      expect(Object.keys(first.phases).sort()).toEqual([
        'connect',
        'diskRead',
        'dns',
        'receive',
        'send',
        'socket',
        'wait',
      ]);
      const { diskRead, ...sequence } = first.phases;
      const sum = Object.values(sequence).reduce((total, ms) => total + ms, 0);
      expect(sum).toBeLessThanOrEqual(first.t - first.start + 0.001);
      expect(diskRead).toBeLessThanOrEqual(first.phases.send as number);

      await s3.uploadPart('k', 'upload', 3, body, probe.context());
      const second = probe.event;
      expect(second).toMatchObject({ operation: 'UploadPart', partNumber: 3, connection: 1, reused: true });
      expect(Object.keys(second.phases).sort()).toEqual(['diskRead', 'receive', 'send', 'socket', 'wait']);
    }));

  it.each([
    [503, 'SlowDown', 'fail'],
    [500, 'InternalError', 'fail'],
    [403, 'AccessDenied', 'fail'],
    [404, 'NoSuchUpload', 'fail'],
  ] as const)('rejects with what S3 said: %i %s', (status, code, outcome) =>
    against(
      () => ({ status, body: errorDocument(code, 'please &amp; thanks') }),
      async (s3, probe, server) => {
        const error = await s3.putObject('k', body, probe.context()).catch((e) => e);
        expect(error).toBeInstanceOf(S3Error);
        expect(error).toMatchObject({
          operation: 'PutObject',
          key: 'k',
          status,
          code,
          serverMessage: 'please & thanks',
        });
        expect(probe.event).toMatchObject({ outcome, status, code, message: 'please & thanks', bytesSent: 7 });
        expect(server.seen).toHaveLength(1);
      },
    ),
  );

  it('rejects with the status alone when the answer is no S3 document', () =>
    against(
      () => ({ status: 502, body: '<html><body>Bad Gateway</body></html>' }),
      async (s3, probe) => {
        const error = await s3.putObject('k', body, probe.context()).catch((e) => e);
        expect(error).toBeInstanceOf(S3Error);
        expect(error).toMatchObject({
          status: 502,
          code: undefined,
          serverMessage: '<html><body>Bad Gateway</body></html>',
        });
        expect(probe.event).toMatchObject({ outcome: 'fail', status: 502 });
      },
    ));

  it('reads error answers to their end: the connection serves the next request', () =>
    against(
      ({ number }) => (number < 5 ? { status: 503, body: errorDocument('SlowDown') + ' '.repeat(100_000) } : 'ok'),
      async (s3, probe, server) => {
        for (let i = 1; i < 5; i++) await expect(s3.putObject('k', body, probe.context())).rejects.toThrow(S3Error);
        await s3.putObject('k', body, probe.context());
        expect(server.connections).toBe(1);
        expect(probe.events.map(({ connection, reused }) => [connection, reused])).toEqual([
          [1, false],
          [1, true],
          [1, true],
          [1, true],
          [1, true],
        ]);
      },
    ));

  it('takes a 200 of CompleteMultipartUpload with an error inside for what it is', () =>
    against(
      () => ({ status: 200, body: errorDocument('SlowDown') }),
      async (s3, probe, server) => {
        const parts = [{ partNumber: 1, etag: '"one"' }];
        const error = await s3.completeMultipartUpload('k', 'u', parts, probe.context()).catch((e) => e);
        expect(error).toBeInstanceOf(S3Error);
        expect(error).toMatchObject({ status: 200, code: 'SlowDown', operation: 'CompleteMultipartUpload' });
        expect(probe.event).toMatchObject({ outcome: 'fail', status: 200, code: 'SlowDown' });
        expect(server.seen).toHaveLength(1);
      },
    ));

  it('does not take a 200 without its document for a success', () =>
    against(
      () => ({ status: 200, body: '' }),
      async (s3, probe) => {
        const error = await s3.completeMultipartUpload('k', 'u', [], probe.context()).catch((e) => e);
        expect(error).toBeInstanceOf(TransportError);
        expect(error).toMatchObject({ failure: 'protocol', status: 200 });
        expect(probe.event).toMatchObject({ outcome: 'info', failure: 'protocol', status: 200 });
      },
    ));

  it.each([
    ['reset', 'reset', 'info'],
    ['close', 'reset', 'info'],
    ['garbage', 'protocol', 'info'],
  ] as const)('tells that the outcome is unknown: %s', (treatment, failure, outcome) =>
    against(
      () => treatment,
      async (s3, probe, server) => {
        const error = await s3.putObject('k', body, probe.context()).catch((e) => e);
        expect(error).toBeInstanceOf(TransportError);
        expect(error).toMatchObject({ operation: 'PutObject', key: 'k', failure, status: undefined });
        const { event } = probe;
        expect(event).toMatchObject({ outcome, failure, bytesSent: 7 });
        expect(event).not.toHaveProperty('status');
        expect(server.seen).toHaveLength(1);
      },
    ),
  );

  it('tells that an answer broke off in the middle, with its status', () =>
    against(
      () => 'half-answer',
      async (s3, probe) => {
        const error = await s3.completeMultipartUpload('k', 'u', [], probe.context()).catch((e) => e);
        expect(error).toBeInstanceOf(TransportError);
        expect(error).toMatchObject({ failure: 'reset', status: 200 });
        expect(probe.event).toMatchObject({ outcome: 'info', failure: 'reset', status: 200 });
      },
    ));

  it('gives up waiting for an answer after the response-header timeout', () =>
    against(
      () => 'never',
      async (s3, probe, server) => {
        const error = await s3.putObject('k', body, probe.context()).catch((e) => e);
        expect(error).toMatchObject({ failure: 'header-timeout' });
        const { event } = probe;
        expect(event).toMatchObject({ outcome: 'info', failure: 'header-timeout', bytesSent: 7 });
        expect(event.phases.wait).toBeGreaterThan(140);
        await expect.poll(() => server.open).toBe(0);
      },
      { responseHeaderTimeout: 150 },
    ));

  it('ends with the deadline, in the words of Tempo’s log, and closes the connection', () =>
    against(
      () => 'never',
      async (s3, probe, server) => {
        const deadline = new AbortController();
        const call = s3.putObject('k', body, probe.context(deadline.signal)).catch((e) => e);
        await expect.poll(() => server.seen.length).toBe(1);
        deadline.abort(new DeadlineExceeded(10_000));
        const error = await call;
        expect(error).toBeInstanceOf(TransportError);
        expect(error).toMatchObject({ failure: 'deadline', message: 'PutObject k: context deadline exceeded' });
        expect(probe.event).toMatchObject({ outcome: 'info', failure: 'deadline' });
        await expect.poll(() => server.open).toBe(0);
      },
    ));

  it('ends with the deadline in the middle of an answer, and closes the connection', () =>
    against(
      () => 'stalled-answer',
      async (s3, probe, server) => {
        const deadline = new AbortController();
        const call = s3.completeMultipartUpload('k', 'u', [], probe.context(deadline.signal)).catch((e) => e);
        await expect.poll(() => server.seen.length).toBe(1);
        await realClock.sleep(50);
        deadline.abort(new DeadlineExceeded(10_000));
        expect(await call).toMatchObject({ failure: 'deadline' });
        expect(probe.event).toMatchObject({ outcome: 'info', failure: 'deadline', status: 200, bytesReceived: 14 });
        await expect.poll(() => server.open).toBe(0);
      },
    ));

  it('refuses an answer that no memory should hold', () =>
    against(
      () => ({ status: 200, body: ' '.repeat(9 * 1024 * 1024) }),
      async (s3, probe, server) => {
        await expect(s3.listObjectsV2('', undefined, probe.context())).rejects.toMatchObject({
          failure: 'protocol',
          status: 200,
        });
        expect(probe.event).toMatchObject({ outcome: 'info', failure: 'protocol' });
        await expect.poll(() => server.open).toBe(0);
      },
    ));

  it('ends when it is told to stop, and sends nothing when it was told before', () =>
    against(undefined, async (s3, probe, server) => {
      const stop = new AbortController();
      stop.abort(new Error('stop'));
      const error = await s3.putObject('k', body, probe.context(stop.signal)).catch((e) => e);
      expect(error).toMatchObject({ failure: 'aborted', message: 'PutObject k: context canceled' });
      expect(probe.events).toEqual([]);
      expect(server.connections).toBe(0);
    }));

  it('tells of a body that cannot be read as of no failure of S3', () =>
    against(undefined, async (s3, probe, server) => {
      const broken: Body = {
        ...body,
        size: 7,
        sha256: () => body.sha256(),
        slice: () => broken,
        open: () =>
          Readable.from(
            (async function* () {
              yield Buffer.from('a b');
              await realClock.sleep(50);
              throw new Error('EIO: i/o error, read');
            })(),
          ),
      };
      const error = await s3.putObject('k', broken, probe.context()).catch((e) => e);
      expect(error).not.toBeInstanceOf(TransportError);
      expect(error).not.toBeInstanceOf(S3Error);
      expect(error.message).toContain('PutObject k: the body cannot be read: EIO');
      expect(probe.event).toMatchObject({ outcome: 'info', bytesSent: 3 });
      await expect.poll(() => server.open).toBe(0);
    }));

  it('sends neither more nor less than it announced', () =>
    against(undefined, async (s3, probe, server) => {
      for (const text of ['a blo', 'a block and more']) {
        const wrong: Body = {
          size: 7,
          sha256: () => body.sha256(),
          open: () => Readable.from([Buffer.from(text)]),
          slice: () => wrong,
        };
        await expect(s3.putObject('k', wrong, probe.context())).rejects.toThrow('the body cannot be read: it');
        const atOnce: Body = { ...wrong, atOnce: () => Buffer.from(text) };
        await expect(s3.putObject('k', atOnce, probe.context())).rejects.toThrow('the body cannot be read: it');
      }
      expect(server.seen).toEqual([]);
    }));

  it('keeps the connection when the body’s stream says late that it is at its end', () =>
    against(undefined, async (s3, probe, server) => {
      const late: Body = {
        size: 7,
        sha256: () => body.sha256(),
        slice: () => late,
        open: () =>
          Readable.from(
            (async function* () {
              yield Buffer.from('a block');
              await realClock.sleep(100);
            })(),
          ),
      };
      await s3.putObject('k', late, probe.context());
      expect(probe.event).toMatchObject({ outcome: 'ok', bytesSent: 7 });
      await s3.putObject('k', body, probe.context());
      expect(server.connections).toBe(1);
    }));

  it('reads an answer that came before the request was sent, and does not use the connection again', () =>
    against(
      ({ number }) => (number === 1 ? { status: 503, body: errorDocument('SlowDown'), early: true } : 'ok'),
      async (s3, probe, server) => {
        const slow: Body = {
          size: 10,
          sha256: async () => 'f'.repeat(64),
          slice: () => slow,
          open: () => {
            const neverWhole = new Readable({ read() {} });
            neverWhole.push(Buffer.from('first'));
            return neverWhole;
          },
        };
        await expect(s3.putObject('k', slow, probe.context())).rejects.toMatchObject({ status: 503, code: 'SlowDown' });
        expect(probe.event).toMatchObject({ outcome: 'fail', status: 503 });
        await expect.poll(() => server.open).toBe(0);
        await s3.putObject('k', body, probe.context());
        expect(probe.event).toMatchObject({ outcome: 'ok', connection: 2 });
        expect(server.connections).toBe(2);
      },
    ));

  it.each([
    ['half-answer', 'half-answer', [2, 0]],
    ['an error document', { status: 200, body: errorDocument('InternalError') }, [1, 1]],
    ['what is no document at all', { status: 200, body: 'done' }, [1, 1]],
  ] as const)('takes the head for the answer where minio-go does: a PUT answered %s is done', (_, treatment, open) =>
    against(
      () => treatment,
      async (s3, probe, server) => {
        const calls = [
          () => s3.putObject('k', body, probe.context()),
          () => s3.uploadPart('k', 'u', 1, body, probe.context()),
        ];
        for (const call of calls) {
          await call();
          expect(probe.event).toMatchObject({ outcome: 'ok', status: 200 });
        }
        await expect.poll(() => [server.connections, server.open]).toEqual(open);
      },
    ),
  );

  it('asks for no ETag, as minio-go does not', () =>
    against(
      () => ({ status: 200 }),
      async (s3, probe) => {
        expect(await s3.putObject('k', body, probe.context())).toEqual({ etag: '' });
        expect(await s3.uploadPart('k', 'u', 3, body, probe.context())).toEqual({ partNumber: 3, etag: '' });
      },
    ));

  it.each([201, 202, 204, 206])('does not take a %i for a PUT that is done', (status) =>
    against(
      () => ({ status }),
      async (s3, probe) => {
        await expect(s3.putObject('k', body, probe.context())).rejects.toMatchObject({ name: 'S3Error', status });
        expect(probe.event).toMatchObject({ outcome: 'fail', status });
      },
    ),
  );

  it('tells of an upload that is created without a name', () =>
    against(
      () => ({ status: 200, body: errorDocument('SlowDown') }),
      async (s3, probe) => {
        const error = await s3.createMultipartUpload('k', probe.context()).catch((e) => e);
        expect(error).toBeInstanceOf(NamelessUpload);
        expect(error).toMatchObject({ failure: 'protocol', status: 200 });
        expect(probe.event).toMatchObject({ outcome: 'info', failure: 'protocol', status: 200 });
      },
    ));

  it('aborts an upload without a name', () =>
    against(
      () => ({ status: 404, body: errorDocument('NoSuchUpload') }),
      async (s3, probe, server) => {
        await expect(s3.abortMultipartUpload('k', '', probe.context())).rejects.toMatchObject({ code: 'NoSuchUpload' });
        expect(new URL(server.seen[0]?.url ?? '', 'http://s3').searchParams.get('uploadId')).toBe('');
      },
    ));

  it.each([
    ['by its status', { status: 503 }, undefined, '503 Service Unavailable'],
    ['by its text', { status: 503, body: '  <html>busy</html>\n' }, undefined, '<html>busy</html>'],
    ['by the start of its text', { status: 502, body: 'x'.repeat(2000) }, undefined, `${'x'.repeat(1024)}...`],
    ['by what it means', { status: 403 }, undefined, 'Access Denied.'],
    [
      'by MinIO’s headers',
      { status: 400, headers: { 'x-minio-error-code': 'SlowDown', 'x-minio-error-desc': '"busy"' } },
      'SlowDown',
      'busy',
    ],
  ] as const)('says what minio-go says of an error without a document: %s', (_, treatment, code, message) =>
    against(
      () => treatment,
      async (s3, probe) => {
        const error = await s3.putObject('k', body, probe.context()).catch((e) => e);
        expect(error).toBeInstanceOf(S3Error);
        expect(error).toMatchObject({ status: treatment.status, code, serverMessage: message });
      },
    ),
  );

  it('finds the region in an error: in its document, else in a header', () =>
    against(
      ({ number }) => ({
        status: 400,
        body: errorDocument('AuthorizationHeaderMalformed').replace(
          '</Error>',
          number === 1 ? '<Region>eu-north-1</Region></Error>' : '</Error>',
        ),
        headers: { 'x-amz-bucket-region': 'eu-south-2' },
      }),
      async (s3, probe) => {
        const regions: unknown[] = [];
        for (let i = 0; i < 2; i++) {
          await s3.putObject('k', body, probe.context()).catch(({ region }) => regions.push(region));
        }
        expect(regions).toEqual(['eu-north-1', 'eu-south-2']);
      },
    ));

  it('signs for the region that an attempt names, else for its own', () =>
    against(
      ({ url }) =>
        url.includes('location')
          ? { status: 200, body: '<LocationConstraint xmlns="http://s3">eu-north-1</LocationConstraint>' }
          : 'ok',
      async (s3, probe, server) => {
        expect(await s3.getBucketLocation({ ...probe.context(), region: 'us-east-1' })).toBe('eu-north-1');
        expect(probe.event).toMatchObject({ operation: 'GetBucketLocation', key: '', outcome: 'ok' });
        await s3.putObject('k', body, { ...probe.context(), region: 'eu-north-1' });
        await s3.listObjectsV2('', undefined, { ...probe.context(), region: 'eu-north-1' });
        await s3.putObject('k', body, probe.context());
        const regions = server.seen.map(({ headers }) => headers.authorization?.split('/')[2]);
        expect(regions).toEqual(['us-east-1', 'eu-north-1', 'eu-north-1', 'us-west-2']);
      },
    ));

  it('asks for a range as HTTP has it', () =>
    against(
      () => ({ status: 206, body: 'ont' }),
      async (s3, probe, server) => {
        const { size, body: content } = await s3.getObject('k', probe.context(), { start: 1, end: 4 });
        expect(size).toBe(3);
        expect((await buffer(content)).toString()).toBe('ont');
        expect(server.seen[0]?.headers.range).toBe('bytes=1-3');
      },
    ));

  it('copies within the bucket, and knows an error inside a 200', () =>
    against(
      ({ number }) => ({
        status: 200,
        body: number === 1 ? '<CopyObjectResult><ETag>"c"</ETag></CopyObjectResult>' : errorDocument('SlowDown'),
      }),
      async (s3, probe, server) => {
        await s3.copyObject('a/b c+d', 'e', probe.context());
        expect(probe.event).toMatchObject({ operation: 'CopyObject', key: 'e', outcome: 'ok' });
        expect(server.seen[0]).toMatchObject({ method: 'PUT', url: expect.stringMatching(/^\/lease-1\/e/) });
        expect(server.seen[0]?.headers['x-amz-copy-source']).toBe('lease-1/a/b%20c%2Bd');
        await expect(s3.copyObject('a', 'e', probe.context())).rejects.toMatchObject({ status: 200, code: 'SlowDown' });
      },
    ));

  it('hands a GET on as it comes, and tells when it is over', () =>
    against(undefined, async (s3, probe) => {
      const { size, body: content } = await s3.getObject('k', probe.context());
      expect(size).toBe(7);
      expect(probe.events).toEqual([]);
      expect((await buffer(content)).toString()).toBe('content');
      expect(probe.event).toMatchObject({ operation: 'GetObject', outcome: 'ok', bytesReceived: 7 });
      await s3.headObject('k', probe.context()).catch(() => {});
      expect(probe.event).toMatchObject({ operation: 'HeadObject', reused: true });
    }));

  it('a GET whose reader goes away closes its connection', () =>
    against(
      () => ({ status: 200, body: 'x'.repeat(5_000_000) }),
      async (s3, probe, server) => {
        const unread = await s3.getObject('k', probe.context());
        unread.body.destroy();
        await expect.poll(() => [probe.events.length, server.open]).toEqual([1, 0]);
        const begun = await s3.getObject('k', probe.context());
        for await (const _ of begun.body) break;
        await expect.poll(() => [probe.events.length, server.open]).toEqual([2, 0]);
        expect(probe.events).toMatchObject([
          { outcome: 'info', failure: 'aborted', status: 200 },
          { outcome: 'info', failure: 'aborted', status: 200 },
        ]);
      },
    ));

  it('a GET that breaks off is an error of its stream', () =>
    against(
      () => 'half-answer',
      async (s3, probe) => {
        const { body: content } = await s3.getObject('k', probe.context());
        await expect(buffer(content)).rejects.toThrow('GetObject k: unexpected EOF');
        expect(probe.event).toMatchObject({ outcome: 'info', failure: 'reset', status: 200, bytesReceived: 14 });
      },
    ));

  it('a listing goes on where its page ended', () => {
    const page = (key: string, more: string) =>
      `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><KeyCount>1</KeyCount>${more}<Contents>` +
      `<Key>${key}</Key><LastModified>2026-01-02T03:04:05.678Z</LastModified><ETag>&#34;e&#34;</ETag><Size>5</Size></Contents></ListBucketResult>`;
    return against(
      ({ number }) =>
        number === 1
          ? {
              status: 200,
              body: page(
                'a&lt;1',
                '<IsTruncated>true</IsTruncated><NextContinuationToken>to=/+k</NextContinuationToken>',
              ),
            }
          : { status: 200, body: page('a2', '<IsTruncated>false</IsTruncated>') },
      async (s3, probe, server) => {
        const first = await s3.listObjectsV2('a', undefined, probe.context());
        const lastModified = new Date('2026-01-02T03:04:05.678Z');
        expect(first).toEqual({ objects: [{ key: 'a<1', size: 5, etag: '"e"', lastModified }], next: 'to=/+k' });
        const second = await s3.listObjectsV2('a', first.next, probe.context());
        expect(second).toEqual({ objects: [{ key: 'a2', size: 5, etag: '"e"', lastModified }] });
        const asked = server.seen.map(({ url }) => new URL(url, 'http://s3').searchParams);
        expect(
          asked.map((query) => [query.get('list-type'), query.get('prefix'), query.get('continuation-token')]),
        ).toEqual([
          ['2', 'a', null],
          ['2', 'a', 'to=/+k'],
        ]);
      },
    );
  });

  it('puts the bucket into the host’s name when it is told to', async () => {
    await using server = await ToldServer.start();
    const s3 = await probeClient(name, server.port, probeTransport(), { pathStyle: false });
    await s3.putObject('k', body, new AttemptProbe().context());
    s3.close();
    expect(server.seen[0]?.url.split('?')[0]).toBe('/k');
    expect(server.seen[0]?.headers.host).toBe(`lease-1.s3.chaos.test:${server.port}`);
  });
});

describe('against MinIO', () => {
  let minio: RealMinio;
  beforeAll(async () => {
    minio = await startRealMinio('operations');
  });
  afterAll(async () => {
    await minio?.[Symbol.asyncDispose]();
  });

  it.each(clientNames)('%s: every operation does what it says', async (name) => {
    const { host, port, ...rest } = minio.bucket;
    const s3 = await probeClient(name, port, probeTransport(), { ...rest, endpoint: { host, port, secure: false } });
    const probe = new AttemptProbe();
    // What SigV4 and XML have to escape.
    const key = `${name}/a b+c&d!'()*~/ü<x>.parquet`;

    const put = await s3.putObject(key, body, probe.context());
    expect(await s3.headObject(key, probe.context())).toEqual({ size: 7, etag: put.etag });
    expect((await buffer((await s3.getObject(key, probe.context())).body)).toString()).toBe('a block');
    const range = await s3.getObject(key, probe.context(), { start: 2, end: 5 });
    expect((await buffer(range.body)).toString()).toBe('blo');
    await s3.copyObject(key, `${name}/copy`, probe.context());
    expect(await s3.headObject(`${name}/copy`, probe.context())).toEqual({ size: 7, etag: put.etag });
    await s3.deleteObject(`${name}/copy`, probe.context());
    expect(['', 'us-west-2']).toContain(await s3.getBucketLocation(probe.context()));
    const { objects, next } = await s3.listObjectsV2(`${name}/a b+c&d!'()*`, undefined, probe.context());
    expect(next).toBeUndefined();
    expect(objects).toMatchObject([{ key, size: 7, etag: put.etag }]);
    expect(objects[0]?.lastModified.getTime()).toBeGreaterThan(new Date('2026-01-01').getTime() - 10 ** 11);

    const bytes = Buffer.alloc(5 * 1024 * 1024 + 3, 'tempo');
    const whole = new MemoryBody(bytes);
    const { uploadId } = await s3.createMultipartUpload(key, probe.context());
    const parts = [
      await s3.uploadPart(key, uploadId, 1, whole.slice(0, 5 * 1024 * 1024), probe.context()),
      await s3.uploadPart(key, uploadId, 2, whole.slice(5 * 1024 * 1024, bytes.length), probe.context()),
    ];
    await s3.completeMultipartUpload(key, uploadId, parts, probe.context());
    const read = await buffer((await s3.getObject(key, probe.context())).body);
    expect(createHash('sha256').update(read).digest('hex')).toBe(await whole.sha256());

    const gone = s3.completeMultipartUpload(key, uploadId, parts, probe.context());
    await expect(gone).rejects.toMatchObject({ status: 404, code: 'NoSuchUpload' });

    const second = await s3.createMultipartUpload(key, probe.context());
    await s3.abortMultipartUpload(key, second.uploadId, probe.context());
    await s3.deleteObject(key, probe.context());
    await expect(s3.headObject(key, probe.context())).rejects.toMatchObject({ status: 404 });
    await expect(s3.getObject(key, probe.context())).rejects.toMatchObject({ status: 404, code: 'NoSuchKey' });
    s3.close();
    expect(new Set(probe.events.map(({ connection }) => connection)).size).toBe(1);
  });
});
