/** Requests of a bench, by plain node:http: an SDK's own work would hide what is measured. */
import { type Agent, request } from 'node:http';
import { realClock } from '../../clock.ts';

export interface Sent {
  status: number;
  ms: number;
}

/** One PUT of `body`; the time to the end of its answer. A connection that ends before has status 0. */
export function send(
  to: { host: string; port: number },
  path: string,
  body: Buffer,
  agent: Agent,
  method = 'PUT',
): Promise<Sent> {
  const start = realClock.now();
  return new Promise((resolve) => {
    const options = { host: to.host, port: to.port, path, method, agent, headers: { 'content-length': body.length } };
    const sent = request(options, (answer) => {
      answer.resume();
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, ms: realClock.now() - start }));
      answer.once('error', () => resolve({ status: 0, ms: realClock.now() - start }));
    });
    sent.once('error', () => resolve({ status: 0, ms: realClock.now() - start }));
    sent.end(body);
  });
}
