/** What minio-go says of a failed operation, which is what Tempo logs: its words and no others (tempo-vectors, and Go's net/url). */
import { messageOf } from '../error-message.ts';
import type { S3Operation } from '../history/events.ts';
import { S3Error, TransportError } from './s3-operations.ts';

/** As Go's http.Client names them in its errors. */
const methods: Partial<Record<S3Operation, string>> = {
  PutObject: 'Put',
  UploadPart: 'Put',
  CopyObject: 'Put',
  CreateMultipartUpload: 'Post',
  CompleteMultipartUpload: 'Post',
  AbortMultipartUpload: 'Delete',
  DeleteObject: 'Delete',
  HeadObject: 'Head',
};

/**
 * Of an answer, the server's own message and nothing else: no code, no status. Of a request that was under way, which it was and what
 * ended it. Of any other error, its message.
 */
export function loggedWords(error: unknown): string {
  if (error instanceof S3Error) return error.serverMessage;
  if (error instanceof TransportError) {
    const { operation, url, detail } = error;
    return url === undefined ? detail : `${methods[operation] ?? 'Get'} "${url}": ${detail}`;
  }
  return messageOf(error);
}
