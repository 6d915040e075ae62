/** The polling reader, against a real MinIO. */
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import type { HistoryEvent, PollEvent } from '../history/events.ts';
import { directClient } from '../object-store/bucket.ts';
import { type RealMinio, startRealMinio } from '../object-store/real-minio.ts';
import { errorDocument, ToldServer, type Treat } from '../object-store/told-server.ts';
import { metaJson } from '../writer/block-meta.ts';
import { startBlocklistReader } from './blocklist-reader.ts';

let minio: RealMinio;

beforeAll(async () => {
  minio = await startRealMinio('blocklist-reader');
});
afterAll(async () => {
  await minio?.[Symbol.asyncDispose]();
});

const meta = (block: string, bloomShards = 1) =>
  metaJson({
    blockID: block,
    tenantID: 'single-tenant',
    startTime: new Date(0),
    endTime: new Date(60_000),
    totalObjects: 1,
    size: 4,
    totalRecords: 1,
    bloomShards,
  });

async function put(key: string, bytes: string): Promise<void> {
  const client = directClient(minio.bucket);
  await client.send(new PutObjectCommand({ Bucket: minio.bucket.bucket, Key: key, Body: bytes }));
  client.destroy();
}

async function remove(key: string): Promise<void> {
  const client = directClient(minio.bucket);
  await client.send(new DeleteObjectCommand({ Bucket: minio.bucket.bucket, Key: key }));
  client.destroy();
}

/** A reader that polls below `folder` when it is told to: at its first poll, and at its last. */
function readerOf(folder: string, how: { first?: number; every?: number; s3?: RealMinio['bucket'] } = {}) {
  const events: HistoryEvent[] = [];
  const { first = 600_000, every = 600_000, s3 = minio.bucket } = how;
  const record = (event: HistoryEvent) => events.push(event);
  const reader = startBlocklistReader({ s3, folder, first, every, clock: realClock, record });
  return { reader, polls: events as PollEvent[] };
}

async function until(met: () => boolean): Promise<void> {
  for (let waited = 0; !met(); waited += 10) {
    if (waited > 20_000) throw new Error('it was waited for for 20 s');
    await realClock.sleep(10);
  }
}

describe('what a poll finds', () => {
  it('a block whose meta.json is there, with all of its objects and their sizes', async () => {
    await put('whole/a/data.parquet', 'data');
    await put('whole/a/bloom-0', 'bloom');
    await put('whole/a/index', 'in');
    await put('whole/a/meta.json', meta('a'));
    await put('whole/b/data.parquet', 'of a block that is under way');
    await put('elsewhere/c/meta.json', meta('c'));
    const { reader, polls } = readerOf('whole/');
    await reader.stop(true);
    const [poll] = polls;
    expect(polls).toHaveLength(1);
    expect(poll).toMatchObject({ type: 'poll', found: [{ keyPrefix: 'whole/a/', block: 'a' }] });
    expect(poll?.found[0]?.objects).toEqual([
      { name: 'bloom-0', size: 5 },
      { name: 'data.parquet', size: 4 },
      { name: 'index', size: 2 },
      { name: 'meta.json', size: meta('a').length },
    ]);
    expect(poll?.t).toBeGreaterThan(poll?.start ?? Number.POSITIVE_INFINITY);
    expect(poll).not.toHaveProperty('error');
  });

  it('a block once: when its meta.json has come, and not again', async () => {
    await put('once/a/meta.json', meta('a'));
    await put('once/b/index', 'index');
    const { reader, polls } = readerOf('once/', { first: 0, every: 1 });
    await until(() => polls.length === 1);
    await put('once/b/meta.json', meta('b'));
    await until(() => polls.length === 2);
    await reader.stop(true);
    expect(polls.map(({ found }) => found.map(({ block }) => block))).toEqual([['a'], ['b'], []]);
  });

  it('each of many new blocks with its own objects', async () => {
    const blocks = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const block of blocks) {
      await put(`six/${block}/index`, block.repeat(block.charCodeAt(0)));
      if (block !== 'f') await put(`six/${block}/meta.json`, meta(block));
    }
    const { reader, polls } = readerOf('six/');
    await reader.stop(true);
    const found = polls[0]?.found.map(({ block, objects }) => [block, ...objects.map(({ name }) => name)]);
    expect(found).toEqual(blocks.slice(0, -1).map((block) => [block, 'index', 'meta.json']));
    expect(polls[0]?.found[1]?.objects[0]?.size).toBe('b'.charCodeAt(0));
  });

  it('of a block that is not whole, what is there', async () => {
    await put('torn/a/meta.json', meta('a', 2));
    await put('torn/a/bloom-1', 'bloom');
    const { reader, polls } = readerOf('torn/');
    await reader.stop(true);
    expect(polls[0]?.found[0]?.objects.map(({ name }) => name)).toEqual(['bloom-1', 'meta.json']);
  });

  it.each([
    ['that is cut short', '{"blockID":"a"', 'it is not JSON'],
    ['that is not of a block', '{"blockID":"a"}', 'it is not the meta.json of a block'],
  ])('a meta.json %s, once, and no block', async (what, text, problem) => {
    const folder = `${what.replaceAll(' ', '-')}/`;
    await put(`${folder}a/meta.json`, text);
    const { reader, polls } = readerOf(folder, { first: 0, every: 1 });
    await until(() => polls.length === 1);
    await reader.stop(true);
    expect(polls[0]?.unreadable).toEqual([
      { key: `${folder}a/meta.json`, problem: expect.stringContaining(problem) as string },
    ]);
    expect(polls.map(({ found }) => found)).toEqual([[], []]);
    expect(polls[1]).not.toHaveProperty('unreadable');
  });

  it('nothing of a block that was deleted before', async () => {
    await put('gone/a/meta.json', meta('a'));
    await remove('gone/a/meta.json');
    const { reader, polls } = readerOf('gone/');
    await reader.stop(true);
    expect(polls.map(({ found }) => found)).toEqual([[]]);
  });
});

describe('a server that is not to be read', () => {
  const list = (prefixes: string, contents = '') =>
    `<ListBucketResult><IsTruncated>false</IsTruncated>${prefixes}${contents}</ListBucketResult>`;
  const folderOfBlock = list('<CommonPrefixes><Prefix>t/a/</Prefix></CommonPrefixes>');
  const told = async (treat: Treat) => {
    const server = await ToldServer.start(treat);
    const s3 = { host: '127.0.0.1', port: server.port, bucket: 'blocks', region: 'r' };
    return { server, s3: { ...s3, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } } };
  };

  it('is told of, and asked again', async () => {
    let sick = true;
    const { server, s3 } = await told(({ url }) => {
      if (sick) return { status: 403, body: errorDocument('AccessDenied') };
      if (url.includes('list-type')) return { status: 200, body: url.includes('delimiter') ? folderOfBlock : list('') };
      return { status: 200, body: meta('a') };
    });
    const { reader, polls } = readerOf('t/', { first: 0, every: 1, s3 });
    await until(() => polls.length === 1);
    expect(polls[0]).toMatchObject({ found: [], error: 'bucket blocks: cannot list t/: told so' });
    sick = false;
    await until(() => polls.length === 2);
    await reader.stop(false);
    expect(polls[1]).not.toHaveProperty('error');
    await server[Symbol.asyncDispose]();
  });

  it('has what its listing leaves out looked for by name, and a block that is deleted meanwhile left out', async () => {
    const { server, s3 } = await told(({ method, url }) => {
      const listed = (name: string) => `<Contents><Key>t/a/${name}</Key><Size>7</Size></Contents>`;
      if (url.includes('delimiter')) {
        const prefixes = ['a', 'b'].map((block) => `<CommonPrefixes><Prefix>t/${block}/</Prefix></CommonPrefixes>`);
        return { status: 200, body: list(prefixes.join('')) };
      }
      if (url.includes('list-type')) {
        return { status: 200, body: url.includes('b%2F') ? list('') : list('', listed('meta.json') + listed('index')) };
      }
      if (method === 'HEAD' && !url.includes('data.parquet')) return { status: 404 };
      return { status: 200, body: meta(url.includes('/b/') ? 'b' : 'a') };
    });
    const { reader, polls } = readerOf('t/', { s3 });
    await reader.stop(true);
    const names = polls[0]?.found.map(({ block, objects }) => [block, ...objects.map(({ name }) => name)]);
    expect(names).toEqual([['a', 'meta.json', 'index', 'data.parquet']]);
    // What was listed before meta.json was read would say nothing.
    const asked = (what: RegExp) => server.seen.findIndex(({ url }) => what.test(url));
    expect(asked(/a\/meta\.json/)).toBeGreaterThanOrEqual(0);
    expect(asked(/prefix=t%2Fa%2F/)).toBeGreaterThan(asked(/a\/meta\.json/));
    await server[Symbol.asyncDispose]();
  });

  it('has every page of its listing read', async () => {
    const { server, s3 } = await told(({ url }) => {
      if (!url.includes('list-type')) return { status: 200, body: meta('a') };
      if (!url.includes('delimiter')) {
        return { status: 200, body: list('', '<Contents><Key>t/a/meta.json</Key><Size>7</Size></Contents>') };
      }
      if (url.includes('continuation-token')) return { status: 200, body: folderOfBlock };
      const more = '<IsTruncated>true</IsTruncated><NextContinuationToken>next</NextContinuationToken>';
      return { status: 200, body: `<ListBucketResult>${more}</ListBucketResult>` };
    });
    const { reader, polls } = readerOf('t/', { s3 });
    await reader.stop(true);
    expect(polls[0]?.found.map(({ block }) => block)).toEqual(['a']);
    await server[Symbol.asyncDispose]();
  });

  it('that never answers does not hold up the end, and what was cut off is not told of', async () => {
    const { server, s3 } = await told(() => 'never');
    const { reader, polls } = readerOf('t/', { first: 0, s3 });
    await until(() => server.seen.length === 1);
    await reader.stop(false);
    expect(polls).toEqual([]);
    await server[Symbol.asyncDispose]();
  });

  it('that never answers is given up', async () => {
    const { server, s3 } = await told(() => 'never');
    const { reader, polls } = readerOf('t/', { s3 });
    await reader.stop(true);
    expect(polls).toMatchObject([{ found: [], error: 'bucket blocks: cannot list t/: no answer within 5000 ms' }]);
    await server[Symbol.asyncDispose]();
  });
});
