/**
 * Puts by node:http alone: signed before the time is taken, the body in memory, an agent that keeps its connections. What any client on Node
 * pays at least, for no file, no hash, no signature, no history and no policy.
 */
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { Client } from 'minio';
import type { Credentials } from '../environment/environment.ts';
import { type Puts, timed } from './puts.ts';

export interface BarePuts extends Puts {
  close(): void;
}

export function barePuts(
  endpoint: { host: string; port: number },
  options: { name: string; credentials: Credentials; region: string; bucket: string },
): BarePuts {
  const { name, credentials, region, bucket } = options;
  const signer = new Client({
    endPoint: endpoint.host,
    port: endpoint.port,
    useSSL: false,
    accessKey: credentials.accessKeyId,
    secretKey: credentials.secretAccessKey,
    region,
  });
  const agent = new Agent({ keepAlive: true });
  const signed = new Map<string, string>();
  const bodies = new Map<string, Buffer>();
  return {
    name,
    async put(batch) {
      const { file, keys } = batch;
      const body = bodies.get(file) ?? (await readFile(file));
      bodies.set(file, body);
      for (const key of keys) {
        if (!signed.has(key)) signed.set(key, await signer.presignedPutObject(bucket, key));
      }
      return timed(batch, (key) => put(new URL(signed.get(key) as string), body, agent));
    },
    close: () => agent.destroy(),
  };
}

function put(url: URL, body: Buffer, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'PUT', agent, headers: { 'content-length': body.length } }, (response) => {
      response.resume();
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`bench: PUT ${url.pathname} was answered ${response.statusCode}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
