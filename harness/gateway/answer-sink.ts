/** Where an answer goes, piece by piece: MinIO's, or the one that is given in its place. */
import type { AnswerHead } from './answer-parser.ts';

/** Called when that with which it came is handed to the client's connection. Never, when the client left before. */
export type Took = () => void;

/**
 * One `head`, any number of `body`, one `end`; or, at any point, `cut` in place of what would follow, after which nothing more
 * is taken.
 */
export interface AnswerSink {
  head(head: AnswerHead, took?: Took): void;
  /** False when it can take no more for the moment. */
  body(chunk: Buffer): boolean;
  end(rawTrailers: string[]): void;
  /** Ends the client's connection, once what has been taken was sent. `last` still goes out, raw. */
  cut(took?: Took, last?: Buffer): void;
}
