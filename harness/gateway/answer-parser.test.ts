import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerParser } from './answer-parser.ts';

/** What a listener is told, bodies joined. */
function listen(method = 'GET') {
  const parser = new AnswerParser();
  const told = { interim: [] as number[], heads: [] as unknown[], body: '', ends: [] as string[][] };
  parser.start(method, {
    interim: (status) => told.interim.push(status),
    head: (head) => told.heads.push(head),
    body: (chunk) => {
      told.body += chunk.toString('latin1');
    },
    end: (trailers) => told.ends.push(trailers),
  });
  return { parser, told };
}

const answers: Record<
  string,
  { text: string; body: string; trailers?: string[]; reusable?: boolean; method?: string }
> = {
  length: { text: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:\t b \r\n\r\nhello', body: 'hello' },
  'an empty body': { text: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', body: '' },
  'no reason': { text: 'HTTP/1.1 503\r\nContent-Length: 0\r\n\r\n', body: '' },
  chunks: {
    text: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n',
    body: 'abc0123456789',
  },
  trailers: {
    text: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-T: 1\r\nX-U: 2\r\n\r\n',
    body: 'a',
    trailers: ['X-T', '1', 'X-U', '2'],
  },
  HEAD: { text: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', body: '', method: 'HEAD' },
  '204': { text: 'HTTP/1.1 204 No Content\r\n\r\n', body: '' },
  '304': { text: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', body: '' },
  'an interim answer': {
    text: 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    body: 'ok',
  },
  close: {
    text: 'HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\nok',
    body: 'ok',
    reusable: false,
  },
  'HTTP/1.0': { text: 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok', body: 'ok', reusable: false },
};

describe('an answer is read the same, however it is cut', () => {
  it.each(Object.entries(answers))('%s', (_, { text, body, trailers = [], reusable = true, method }) => {
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const { parser, told } = listen(method);
        const edges = [0, ...cuts.sort((a, b) => a - b), text.length];
        for (let index = 1; index < edges.length; index++) {
          parser.read(Buffer.from(text.slice(edges[index - 1], edges[index]), 'latin1'));
        }
        expect(told.heads).toHaveLength(1);
        expect(told.body).toBe(body);
        expect(told.ends).toEqual([trailers]);
        expect(parser.reusable).toBe(reusable);
      }),
      { numRuns: 50 },
    );
  });
});

it('gives the head as it came', () => {
  const { parser, told } = listen();
  parser.read(
    Buffer.from('HTTP/1.1 200 All\xe9 right\r\nETag:"1"\r\nx-A:  b \r\nX-a: c\r\nContent-Length: 0\r\n\r\n', 'latin1'),
  );
  const rawHeaders = ['ETag', '"1"', 'x-A', 'b', 'X-a', 'c', 'Content-Length', '0'];
  expect(told.heads).toEqual([{ status: 200, message: 'All\xe9 right', rawHeaders }]);
});

it('takes the end of the connection for the end of a body without framing, and of no other', () => {
  const open = listen();
  open.parser.read(Buffer.from('HTTP/1.1 200 OK\r\n\r\nuntil the end'));
  expect(open.told.ends).toEqual([]);
  expect(open.parser.ended()).toBe(true);
  expect(open.told).toMatchObject({ body: 'until the end', ends: [[]] });
  expect(open.parser.reusable).toBe(false);
  for (const text of [
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n1',
    'HTTP/1.1 100 Continue\r\n\r\n',
  ]) {
    const cut = listen();
    cut.parser.read(Buffer.from(text));
    expect(cut.parser.ended()).toBe(false);
    expect(cut.told.ends).toEqual([]);
  }
});

it('reads one answer after another', () => {
  const { parser, told } = listen();
  parser.read(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na'));
  const bodies: string[] = [];
  const ends: unknown[] = [];
  parser.start('GET', {
    interim() {},
    head() {},
    body: (chunk) => bodies.push(String(chunk)),
    end: (raw) => ends.push(raw),
  });
  expect(parser.reusable).toBe(false);
  parser.read(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb'));
  expect([told.body, ...bodies]).toEqual(['a', 'b']);
  expect(ends).toHaveLength(1);
});

describe('what is no answer is refused', () => {
  it.each([
    ['not HTTP', 'SSH-2.0-x\r\n\r\n'],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['a line end of one character', 'HTTP/1.1 200 OK\nX: 1\r\n\r\n'],
    ['a blank before the colon', 'HTTP/1.1 200 OK\r\nX : 1\r\n\r\n'],
    ['a folded header', 'HTTP/1.1 200 OK\r\nX: 1\r\n 2\r\n\r\n'],
    ['a control character', 'HTTP/1.1 200 OK\r\nX: \0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
    ['a length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['an encoding beside chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'],
    ['a chunk size that is none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'],
    ['a chunk longer than its size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n'],
    ['a switch of protocols', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
    ['bytes after the answer', 'HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1'],
    ['a head without end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(300_000)}`],
  ])('%s', (_, text) => {
    expect(() => listen().parser.read(Buffer.from(text))).toThrow();
  });
});
