/** What an answer of S3 means, as minio-go reads it: whether the operation is done, and if not, what went wrong. */
import type { IncomingMessage } from 'node:http';
import type { S3Operation } from '../history/events.ts';
import { S3Error } from './s3-operations.ts';
import { readErrorDocument } from './xml.ts';

/** The statuses that say that it is done: others of the 2xx are errors to minio-go. */
const done: Partial<Record<S3Operation, readonly number[]>> = {
  AbortMultipartUpload: [204],
  DeleteObject: [204],
  GetObject: [200, 206],
  HeadObject: [200, 206],
};

/** Their answer is its head. minio-go takes them for done when it has come, and throws away what follows, or breaks off. */
const headAlone = new Set<S3Operation>(['PutObject', 'UploadPart', 'AbortMultipartUpload', 'DeleteObject']);

export function isDone(operation: S3Operation, status = 0): boolean {
  return (done[operation] ?? [200]).includes(status);
}

export function isHeadAlone(operation: S3Operation): boolean {
  return headAlone.has(operation);
}

/** S3 may have begun to answer these 200 before it knows. */
const hideErrors = new Set<S3Operation>(['CompleteMultipartUpload', 'CopyObject']);

/** Whether a 200 that answers it may have an error inside. */
export function mayHideError(operation: S3Operation): boolean {
  return hideErrors.has(operation);
}

/** Of an error that came without a document, by its status. In the words that minio-go has for it, which Tempo logs. */
const withoutDocument: Record<number, string> = {
  403: 'Access Denied.',
  404: 'The specified key does not exist.',
  412: 'At least one of the pre-conditions you specified did not hold.',
};

/** So much of a text that is no document is told. */
const LONGEST_TEXT = 1024;

/** The error that an answer with this body is, or `undefined` if it is none. */
export function errorOf(
  { operation, key }: { operation: S3Operation; key: string },
  response: Pick<IncomingMessage, 'statusCode' | 'statusMessage' | 'headers'>,
  text: string,
): S3Error | undefined {
  const { statusCode: status = 0, statusMessage = '', headers } = response;
  const document = readErrorDocument(text);
  const hidden = mayHideError(operation) && document !== undefined;
  if (isDone(operation, status) && !hidden) return undefined;
  // MinIO tells by headers what the answer to a HEAD cannot.
  const code = header(headers['x-minio-error-code']) ?? document?.code;
  const said = header(headers['x-minio-error-desc'])?.replace(/^"|"$/g, '') ?? document?.message;
  const message = said ?? (document ? undefined : withoutDocument[status]) ?? shortened(text);
  const region = document?.region ?? header(headers['x-amz-bucket-region']);
  return new S3Error(operation, key, status, code, message || `${status} ${statusMessage}`, region);
}

function header(value: string | string[] | undefined): string | undefined {
  return (Array.isArray(value) ? value[0] : value) || undefined;
}

function shortened(text: string): string {
  const trimmed = text.trim();
  return trimmed.length > LONGEST_TEXT ? `${trimmed.slice(0, LONGEST_TEXT)}...` : trimmed;
}
