/** Which requests a fault of S3 is about: the parameters that all of them share, and what becomes of them. */
import { z } from 'zod';
import type { RequestMatch } from '../gateway/protocol.ts';
import { type AttemptEvent, type S3Operation, s3Operations } from '../history/events.ts';
import { type OperationGroup, operationGroups } from './operation-groups.ts';
import { probability } from './parameters.ts';

const groupNames = Object.keys(operationGroups) as [OperationGroup, ...OperationGroup[]];

function expanded(named: readonly (S3Operation | OperationGroup)[]): S3Operation[] {
  return [
    ...new Set(named.flatMap((name) => (name in operationGroups ? operationGroups[name as OperationGroup] : name))),
  ].map((name) => name as S3Operation);
}

/** Names of S3 operations, and the groups `reads` and `writes`; parsed to operations. */
export const operations = () =>
  z
    .array(z.enum([...s3Operations, ...groupNames]))
    .nonempty()
    .transform(expanded);

/** The same, of a few operations alone. */
export const operationsOf = <Names extends readonly [S3Operation, ...S3Operation[]]>(names: Names) =>
  z.array(z.enum(names)).nonempty();

/** A regular expression. */
export const pattern = () =>
  z.string().refine(compiles, { error: (issue) => `${JSON.stringify(issue.input)} is not a regular expression` });

function compiles(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

/** Which of the requests that a fault is about it acts on. "Each request" is an operation on a key, for a part: its attempts are many. */
export const chosenRequests = {
  probability: probability().optional().describe('the chance of each attempt; absent: 1'),
  first: z.int().min(1).optional().describe('only the first so many attempts of each request (operation, key, part)'),
  every: z
    .int()
    .min(2, 'expected 2 or more: every request is hit when it is absent')
    .optional()
    .describe('every so manieth attempt of each request; the seed draws which is the first of them'),
  window: z
    .strictObject({
      from: z.int().min(1).describe('the first attempt that is hit, counted from 1'),
      to: z.int().min(1).describe('the last one'),
    })
    .refine(({ from, to }) => from <= to, 'expected a window that ends after it begins: { from: 2, to: 4 }')
    .optional()
    .describe('only from the one to the other attempt of each request, both included'),
};

/** Where the requests go that a fault is about. */
export const placeOfRequests = {
  key: pattern().optional().describe('a regular expression that the object key must match; absent: all keys'),
  bucket: pattern().optional().describe('a regular expression that the bucket must match; absent: all buckets'),
};

/** All of them. */
export const requestParameters = {
  operations: operations().optional().describe('S3 operations, or reads or writes for all of a kind; absent: all'),
  ...placeOfRequests,
  ...chosenRequests,
};

/** What a fault's parameters say about requests, once parsed. */
export interface RequestParameters {
  operations?: readonly S3Operation[] | undefined;
  key?: string | undefined;
  bucket?: string | undefined;
  probability?: number | undefined;
  first?: number | undefined;
  every?: number | undefined;
  window?: { from: number; to: number } | undefined;
}

/** As a rule of the gateway has it. */
export function requestMatch(parameters: RequestParameters): RequestMatch {
  const { operations, key, bucket, probability, first, every, window } = parameters;
  return {
    ...(operations && { operations: [...operations] }),
    ...(key !== undefined && { key }),
    ...(bucket !== undefined && { bucket }),
    ...(probability !== undefined && { probability }),
    ...(first !== undefined && { first }),
    ...(every !== undefined && { every }),
    ...(window && { window }),
  };
}

/** Whether an attempt is of a request that the parameters are about. Which of those are acted on, chance and count decide. */
export function isAbout(
  { operations, key, bucket }: RequestParameters,
  request: Pick<AttemptEvent, 'operation' | 'key' | 'bucket'>,
): boolean {
  return (
    (operations?.includes(request.operation) ?? true) &&
    (key === undefined || new RegExp(key).test(request.key)) &&
    (bucket === undefined || new RegExp(bucket).test(request.bucket))
  );
}

/** `PutObject or UploadPart, key /meta/`, for a message; `any request` when nothing restricts them. */
export function inWords({ operations, key, bucket }: RequestParameters): string {
  const words = [
    ...(operations ? [operations.length > 4 ? `${operations.length} operations` : operations.join(' or ')] : []),
    ...(key === undefined ? [] : [`key /${key}/`]),
    ...(bucket === undefined ? [] : [`bucket /${bucket}/`]),
  ];
  return words.length > 0 ? words.join(', ') : 'any request';
}
