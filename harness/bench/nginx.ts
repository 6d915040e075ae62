/** nginx as a plain HTTP proxy, as the peer of our gateway: streaming both ways, kept connections, and nothing logged. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startProcess } from '../environment/native-process.ts';
import type { Register } from '../environment/register.ts';
import { startAnswering } from '../environment/start-answering.ts';

/** Where Debian puts it, which is on no user's PATH. */
const FILE = '/usr/sbin/nginx';
const PATIENCE_MS = 3000;

interface Nginx extends AsyncDisposable {
  host: string;
  port: number;
}

/** `undefined` when there is no nginx on this machine. @throws EnvironmentError when it does not answer. */
export async function startNginx(
  upstream: { host: string; port: number },
  folder: string,
  register: Register,
): Promise<Nginx | undefined> {
  if (!existsSync(FILE)) return undefined;
  const home = join(folder, 'nginx');
  await mkdir(home);
  const { program, port } = await startAnswering({
    title: 'nginx',
    async ask(port) {
      const answer = await fetch(`http://127.0.0.1:${port}/`);
      await answer.arrayBuffer();
    },
    async launch(port) {
      await writeFile(join(home, 'nginx.conf'), configuration(port, upstream));
      const args = ['-p', home, '-c', 'nginx.conf', '-e', 'stderr'];
      return startProcess({ name: 'nginx', file: FILE, args, env: {}, folder: home }, register);
    },
    remedy: `see whether ${FILE} runs by hand`,
    patienceMs: PATIENCE_MS,
  });
  return { host: '127.0.0.1', port, [Symbol.asyncDispose]: () => program.stop() };
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
