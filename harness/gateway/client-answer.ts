/**
 * The answer on the client's connection, and what the history wants to know of it. Its head stays as it came; what belongs to the
 * connection is left out.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import type { EdgeEvent } from '../history/events.ts';
import type { AnswerHead } from './answer-parser.ts';
import type { AnswerSink, Took } from './answer-sink.ts';
import { endToEnd, header, pairs } from './headers.ts';

export class ClientAnswer implements AnswerSink {
  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    readonly clock: Clock,
    readonly event: EdgeEvent,
    /** More can be taken. */
    readonly drained: () => void,
  ) {}

  head({ status, message, rawHeaders }: AnswerHead, took?: Took): void {
    const { request, response, event } = this;
    response.sendDate = false;
    // HTTP/1.1 keeps connections open without a word: MinIO says none, so we say none. (After an Expect that was not met, node:http
    // closes the connection, as it must: a body was announced that was not asked for.)
    if (response.shouldKeepAlive && request.httpVersionMinor > 0) response.removeHeader('connection');
    // HTTP/1.0 does not know chunks: there the end of the connection is the end of the body.
    const strip = request.httpVersionMinor === 0 ? 'transfer-encoding' : undefined;
    response.writeHead(status, message, endToEnd(rawHeaders, strip));
    response.on('drain', this.drained);
    event.status = status;
    event.answerStart = this.clock.now();
    took?.();
    // The head must not wait for a body that MinIO takes its time with. Without a body, both go at once.
    if (header(rawHeaders, 'content-length') === '0') return;
    setImmediate(() => {
      if (event.bytesOut === 0 && !response.writableEnded && !response.destroyed) response.flushHeaders();
    });
  }

  body(chunk: Buffer): boolean {
    this.event.bytesOut += chunk.length;
    return this.response.write(chunk);
  }

  end(rawTrailers: string[]): void {
    if (rawTrailers.length > 0) this.response.addTrailers(pairs(rawTrailers));
    this.response.end();
  }

  /** A pipelined request waits until those before it have been answered: their answers are not cut. */
  cut(took?: Took, last?: Buffer): void {
    const { response } = this;
    const now = () => {
      const { socket } = response;
      if (!socket || socket.destroyed) return;
      this.event.cut = 'rule';
      took?.();
      // A head alone is still with node:http.
      if (this.event.answerStart !== undefined && this.event.bytesOut === 0) response.flushHeaders();
      if (last) socket.write(last);
      socket.destroySoon();
    };
    if (response.socket) now();
    else response.once('socket', now);
  }
}
