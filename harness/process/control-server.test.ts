import { once } from 'node:events';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ControlClient } from './control-client.ts';
import { ControlError, serveControl } from './control-server.ts';

const token = 'the token of this run';
let server: { port: number; close(): void };
let client: ControlClient;
const called: string[] = [];

beforeAll(async () => {
  server = await serveControl(token, {
    'POST /routes': (_, body) => {
      called.push('POST /routes');
      return { got: body };
    },
    'DELETE /routes/:route/rules/:rule': async (parameters) => parameters,
    'GET /nothing': () => undefined,
    'GET /refused': () => {
      throw new ControlError(409, 'route a is open: close it first');
    },
    'GET /explained': () => {
      throw new ControlError(400, 'that is wrong', { remedy: 'this is right' });
    },
    'GET /broken': () => Promise.reject(new Error('no more sockets')),
  });
  client = new ControlClient('gateway', server.port, token);
});
afterAll(() => server.close());

const url = (path: string) => `http://127.0.0.1:${server.port}${path}`;
const authorization = `Bearer ${token}`;

describe('a request', () => {
  it('reaches its handler with body and parameters, and gets what that gives', async () => {
    expect(await client.call('POST', '/routes', { route: 'a', text: 'é\u2028' })).toEqual({
      got: { route: 'a', text: 'é\u2028' },
    });
    expect(await client.call('DELETE', `/routes/${encodeURIComponent('a/b c')}/rules/1-latency?x=1`)).toEqual({
      route: 'a/b c',
      rule: '1-latency',
    });
    expect(await client.call('GET', '/nothing')).toEqual({});
  });

  it('is answered in order, many at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => client.call<{ got: number }>('POST', '/routes', index)),
    );
    expect(answers.map(({ got }) => got)).toEqual(Array.from({ length: 50 }, (_, index) => index));
  });

  it.each([
    ['another token', `Bearer ${token.replace('t', 'T')}`],
    ['one that is longer', `${authorization}x`],
    ['none', ''],
    ['another scheme', `Basic ${token}`],
  ])('with %s is refused before anything is done', async (_what, header) => {
    called.length = 0;
    const response = await fetch(url('/routes'), { method: 'POST', body: '{}', headers: { authorization: header } });
    expect(response.status).toBe(401);
    expect(((await response.json()) as { error: string }).error).toMatch(/wants the token of this run/);
    expect(called).toEqual([]);
    const stranger = new ControlClient('gateway', server.port, 'guessed');
    await expect(stranger.call('POST', '/routes', {})).rejects.toThrow(
      'gateway: POST /routes: 401: the control API wants',
    );
  });

  it.each([
    ['GET', '/routes'],
    ['POST', '/routes/a'],
    ['POST', '/'],
    ['DELETE', '/routes/a/rules/b/c'],
    ['GET', '/constructor'],
  ] as const)('%s %s, which there is not, is told so', async (method, path) => {
    await expect(client.call(method, path)).rejects.toThrow(
      `gateway: ${method} ${path}: 404: the control API has no ${method} ${path}`,
    );
  });

  it('with a body that is no JSON is refused', async () => {
    const response = await fetch(url('/routes'), { method: 'POST', body: '{"a":', headers: { authorization } });
    expect([response.status, await response.json()]).toEqual([400, { error: 'the body is not JSON' }]);
  });

  it('with a path that cannot be decoded is refused', async () => {
    const response = await fetch(url('/routes/%zz'), { headers: { authorization } });
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: 'the path /routes/%zz cannot be decoded' },
    ]);
  });

  it('with a body of a megabyte is taken, with a larger one refused, and the server goes on', async () => {
    const text = 'x'.repeat(1024 * 1024 - 2);
    expect(await client.call('POST', '/routes', text)).toEqual({ got: text });
    for (const size of [1024 * 1024, 20 * 1024 * 1024]) {
      await expect(client.call('POST', '/routes', 'x'.repeat(size))).rejects.toThrow(
        'gateway: POST /routes: 413: a control request may have 1048576 bytes at most',
      );
    }
    expect(await client.call('GET', '/nothing')).toEqual({});
  });

  it("gets the handler's own refusal, or what broke in it", async () => {
    await expect(client.call('GET', '/refused')).rejects.toThrow(
      'gateway: GET /refused: 409: route a is open: close it first',
    );
    await expect(client.call('GET', '/explained')).rejects.toMatchObject({
      status: 400,
      answer: { error: 'that is wrong', remedy: 'this is right' },
    });
    await expect(client.call('GET', '/broken')).rejects.toThrow('gateway: GET /broken: 500: no more sockets');
  });
});

it('listens on loopback alone', async () => {
  const others = Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address),
  );
  // 127.0.0.2 is this machine too, but not what it listens on.
  for (const host of process.platform === 'linux' ? [...others, '127.0.0.2'] : others) {
    const socket = connect(server.port, host);
    const [error] = await once(socket, 'error');
    expect((error as NodeJS.ErrnoException).code).toBe('ECONNREFUSED');
  }
});

it('a server that is gone is told, and one that is closed ends what is open', async () => {
  const own = await serveControl(token, { 'GET /hangs': () => new Promise(() => {}) });
  const itsClient = new ControlClient('DNS process', own.port, token);
  const hanging = itsClient.call('GET', '/hangs').catch((error: Error) => error.message);
  await expect(itsClient.call('GET', '/none')).rejects.toThrow('404');
  own.close();
  expect(await hanging).toBe('DNS process: GET /hangs: socket hang up');
  await expect(itsClient.call('GET', '/hangs')).rejects.toThrow(/^DNS process: GET \/hangs: connect ECONNREFUSED/);
});
