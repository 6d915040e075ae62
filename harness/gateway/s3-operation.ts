/**
 * Which S3 operation is this request? Named by method, path, query and headers, as S3's API reference routes them.
 *
 * 1. Split the target into path and query; the query's names decide, its signature does not.
 * 2. Find bucket and key: from the path, or, when the Host is a name below the endpoint's own, the bucket from the Host.
 * 3. A sub-resource that the history has no name for (`?acl`, `?tagging`, ...) makes the operation `Unknown`.
 * 4. What is left is a table by method.
 */
import type { S3Operation } from '../history/events.ts';

/** Parameters as they came, not decoded: the names that decide have no characters that need to be. */
type Query = Map<string, string>;

export interface S3Request {
  operation: S3Operation;
  /** Empty for `ListBuckets`. */
  bucket: string;
  /** Decoded, without the bucket and without a slash in front. Empty for what is about a bucket. */
  key: string;
  partNumber?: number;
  uploadId?: string;
}

/** Parameters that ask for something beside the bucket or object itself. Source: S3's API reference, the `?name` forms. */
const subResources = new Set([
  'accelerate',
  'acl',
  'analytics',
  'attributes',
  'cors',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'logging',
  'metadataConfiguration',
  'metadataTable',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'renameObject',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'session',
  'tagging',
  'torrent',
  'versioning',
  'versions',
  'website',
]);

/**
 * `target` is the request line's target as it came (`/bucket/key?query`). `domain` is the endpoint's own name: a Host of
 * `<bucket>.<domain>` is a virtual-host request, any other is path-style.
 */
export function identify(
  method: string,
  target: string,
  headers: { host?: string | undefined; 'x-amz-copy-source'?: string | string[] | undefined },
  domain?: string,
): S3Request {
  const mark = target.indexOf('?');
  const query = readQuery(mark < 0 ? '' : target.slice(mark + 1));
  const { bucket, key } = address(mark < 0 ? target : target.slice(0, mark), headers.host, domain);
  const partNumber = Number(query.get('partNumber') ?? Number.NaN);
  const uploadId = query.get('uploadId');
  return {
    operation: operationOf(method, bucket, key, query, headers['x-amz-copy-source'] !== undefined),
    bucket,
    key,
    ...(Number.isInteger(partNumber) && { partNumber }),
    ...(uploadId !== undefined && { uploadId: decoded(uploadId) }),
  };
}

function address(path: string, host: string | undefined, domain: string | undefined): { bucket: string; key: string } {
  // A request through a forward proxy has the whole URL as its target.
  const own = path.startsWith('/') ? path : path.replace(/^[a-z]+:\/\/[^/]*/i, '');
  const name = host?.replace(/:\d+$/, '').toLowerCase();
  if (domain !== undefined && name?.endsWith(`.${domain.toLowerCase()}`)) {
    return { bucket: name.slice(0, -domain.length - 1), key: decoded(own.slice(1)) };
  }
  const slash = own.indexOf('/', 1);
  if (slash < 0) return { bucket: decoded(own.slice(1)), key: '' };
  return { bucket: decoded(own.slice(1, slash)), key: decoded(own.slice(slash + 1)) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not percent-encoded UTF-8: S3 will say so; the history shows it as it came.
    return text;
  }
}

/** A signature makes queries long, and this is done for each request: so without URLSearchParams, which decodes everything. */
function readQuery(text: string): Query {
  const query: Query = new Map();
  if (text === '') return query;
  for (const parameter of text.split('&')) {
    const equals = parameter.indexOf('=');
    query.set(equals < 0 ? parameter : parameter.slice(0, equals), equals < 0 ? '' : parameter.slice(equals + 1));
  }
  return query;
}

function operationOf(method: string, bucket: string, key: string, query: Query, copies: boolean): S3Operation {
  for (const name of query.keys()) if (subResources.has(name)) return 'Unknown';
  if (bucket === '') return method === 'GET' ? 'ListBuckets' : 'Unknown';
  return key === '' ? bucketOperation(method, query) : objectOperation(method, query, copies);
}

function bucketOperation(method: string, query: Query): S3Operation {
  switch (method) {
    case 'GET':
      if (query.has('location')) return 'GetBucketLocation';
      if (query.has('uploads')) return 'ListMultipartUploads';
      return query.get('list-type') === '2' ? 'ListObjectsV2' : 'ListObjects';
    case 'HEAD':
      return 'HeadBucket';
    case 'PUT':
      return 'CreateBucket';
    case 'DELETE':
      return 'DeleteBucket';
    case 'POST':
      return query.has('delete') ? 'DeleteObjects' : 'Unknown';
    default:
      return 'Unknown';
  }
}

function objectOperation(method: string, query: Query, copies: boolean): S3Operation {
  const upload = query.has('uploadId');
  switch (method) {
    case 'GET':
      return upload ? 'ListParts' : 'GetObject';
    case 'HEAD':
      return 'HeadObject';
    case 'PUT':
      if (upload) return copies ? 'UploadPartCopy' : 'UploadPart';
      return copies ? 'CopyObject' : 'PutObject';
    case 'DELETE':
      return upload ? 'AbortMultipartUpload' : 'DeleteObject';
    case 'POST':
      if (upload) return 'CompleteMultipartUpload';
      return query.has('uploads') ? 'CreateMultipartUpload' : 'Unknown';
    default:
      return 'Unknown';
  }
}
