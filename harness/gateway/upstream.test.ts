import { expect, it } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { type Line, scriptedUpstream } from './scripted-upstream.ts';
import { Upstream } from './upstream.ts';

const get = 'GET / HTTP/1.1\r\n\r\n';
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

async function answering(line: Line): Promise<void> {
  for (;;) {
    await line.until('\r\n\r\n');
    line.socket.write(ok);
  }
}

/** One exchange; resolves when its connection was given back. */
function exchange(upstream: Upstream, sent = true): Promise<{ reused: boolean }> {
  const connection = upstream.take();
  return new Promise((resolve, reject) => {
    connection.send('GET', get, {
      interim() {},
      head() {},
      body() {},
      drain() {},
      end() {
        const { reused } = connection;
        connection.release(sent);
        resolve({ reused });
      },
      failed: reject,
    });
  });
}

it('keeps a connection for the next request, and opens another only for one at the same time', async () => {
  await using server = await scriptedUpstream(answering);
  const upstream = new Upstream(server, new VirtualClock());
  expect(await exchange(upstream)).toEqual({ reused: false });
  expect(await exchange(upstream)).toEqual({ reused: true });
  expect(await Promise.all([exchange(upstream), exchange(upstream)])).toEqual([{ reused: true }, { reused: false }]);
  expect(server.count()).toBe(2);
  upstream.close();
});

it('closes a connection that was idle for 4 s, and not one that was used in between', async () => {
  const ended: number[] = [];
  await using server = await scriptedUpstream((line, number) => {
    line.rest().then(() => ended.push(number));
    return answering(line);
  });
  const clock = new VirtualClock();
  const upstream = new Upstream(server, clock);
  await Promise.all([exchange(upstream), exchange(upstream)]);
  // The one that was kept last is taken first: the other one is not used any more.
  for (let count = 0; count < 2; count++) {
    await clock.advance(1500);
    expect(await exchange(upstream)).toEqual({ reused: true });
  }
  await clock.advance(1500);
  await expect.poll(() => ended).toHaveLength(1);
  await clock.advance(3000);
  await expect.poll(() => ended).toHaveLength(2);
  expect(await exchange(upstream)).toEqual({ reused: false });
  upstream.close();
  await expect.poll(() => ended).toHaveLength(3);
});

it('does not keep a connection on which a request was not sent to its end', async () => {
  await using server = await scriptedUpstream(answering);
  const upstream = new Upstream(server, new VirtualClock());
  await exchange(upstream, false);
  expect(await exchange(upstream)).toEqual({ reused: false });
  upstream.close();
});

it('forgets a connection that the server closed while it was idle', async () => {
  const lines: Line[] = [];
  await using server = await scriptedUpstream((line) => {
    lines.push(line);
    return answering(line);
  });
  const upstream = new Upstream(server, new VirtualClock());
  await exchange(upstream);
  lines[0]?.socket.end();
  await lines[0]?.rest();
  expect(await exchange(upstream)).toEqual({ reused: false });
  upstream.close();
});

it('fails what gets no answer, or one that is none', async () => {
  await using server = await scriptedUpstream(async (line, number) => {
    await line.until('\r\n\r\n');
    line.socket.end(number === 1 ? 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf' : 'no HTTP\r\n\r\n');
  });
  const upstream = new Upstream(server, new VirtualClock());
  await expect(exchange(upstream)).rejects.toMatchObject({ code: 'EOF' });
  await expect(exchange(upstream)).rejects.toMatchObject({ code: 'EPROTO' });
  upstream.close();
});
