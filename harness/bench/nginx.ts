/** nginx as a plain HTTP proxy, as the peer of our gateway: streaming both ways, kept connections, and nothing logged. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { realClock } from '../clock.ts';

/** Where Debian puts it, which is on no user's PATH. */
const FILE = '/usr/sbin/nginx';
const PATIENCE_MS = 3000;

export interface Nginx extends AsyncDisposable {
  host: string;
  port: number;
}

/** `undefined` when there is no nginx on this machine. @throws Error when it does not answer. */
export async function startNginx(upstream: { host: string; port: number }, folder: string): Promise<Nginx | undefined> {
  if (
    await access(FILE).then(
      () => false,
      () => true,
    )
  )
    return undefined;
  const port = await freePort();
  const home = join(folder, 'nginx');
  await mkdir(home);
  await writeFile(join(home, 'nginx.conf'), configuration(port, upstream));
  const child = spawn(FILE, ['-p', home, '-c', 'nginx.conf', '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  const deadline = realClock.now() + PATIENCE_MS;
  while (!(await answers(port))) {
    if (child.exitCode !== null || realClock.now() > deadline) {
      await stop();
      throw new Error(`bench: nginx does not answer: ${said || 'it said nothing'}`);
    }
    await realClock.sleep(20);
  }
  return { host: '127.0.0.1', port, [Symbol.asyncDispose]: stop };
}

/** One worker, as the gateway is one process. */
function configuration(port: number, upstream: { host: string; port: number }): string {
  return `daemon off;
worker_processes 1;
pid nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  upstream s3 { server ${upstream.host}:${upstream.port}; keepalive 64; }
  server {
    listen 127.0.0.1:${port};
    client_max_body_size 0;
    client_body_buffer_size 256k;
    location / {
      proxy_pass http://s3;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Connection "";
      proxy_request_buffering off;
      proxy_buffering off;
    }
  }
}
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
