/** The caller's side of a harness process's control API. */
import { request } from 'node:http';

/** The process was reached, and refuses: its whole answer. */
export class ControlRefusal extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly answer: { error: string },
  ) {
    super(message);
  }
}

export class ControlClient {
  constructor(
    readonly name: string,
    readonly port: number,
    readonly token: string,
  ) {}

  /** @throws ControlRefusal with the process's own message when it refuses, Error when it cannot be reached. */
  call<Answer>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
    const text = body === undefined ? '' : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const because = (why: string) => `${this.name}: ${method} ${path}: ${why}`;
      const failed = (why: string) => reject(new Error(because(why)));
      const sent = request(
        {
          host: '127.0.0.1',
          port: this.port,
          method,
          path,
          // A connection of its own: a kept one may be closed by the server in the moment in which it is used again.
          agent: false,
          headers: {
            authorization: `Bearer ${this.token}`,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(text),
          },
        },
        async (response) => {
          try {
            const chunks: Buffer[] = [];
            for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
            const answer = JSON.parse(Buffer.concat(chunks).toString('utf8'));
            if (response.statusCode === 200) resolve(answer as Answer);
            else {
              const status = response.statusCode as number;
              reject(new ControlRefusal(because(`${status}: ${answer.error}`), status, answer));
            }
          } catch (error) {
            failed((error as Error).message);
          }
        },
      );
      sent.on('error', (error) => failed(error.message));
      sent.end(text);
    });
  }
}
