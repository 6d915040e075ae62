import { z } from 'zod';
import { s3Operations } from '../history/events.ts';
import { defineFault } from './fault.ts';
import { probability } from './parameters.ts';
import { type S3ErrorCode, s3ErrorCodes } from './s3-error-codes.ts';

const codes = Object.keys(s3ErrorCodes) as [S3ErrorCode, ...S3ErrorCode[]];

function compiles(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}

/**
 * S3 answers with an error instead of doing what was asked, as the S3 edge of the gateway does in its place: the body is
 * read to its end, MinIO never sees the request. Which requests it hits is drawn by seed, operation, key and attempt, never
 * by the order in which they arrive.
 */
export const s3Error = defineFault({
  name: 's3-error',
  about:
    'S3 answers with an error (503 SlowDown and others) and does nothing: chosen by operation, key, chance, or the first N.',
  place: 's3',
  parameters: z.strictObject({
    code: z.enum(codes).default('SlowDown').describe('the S3 error code'),
    status: z.int().min(300).max(599).optional().describe("the HTTP status; absent: the code's own"),
    operations: z.array(z.enum(s3Operations)).nonempty().optional().describe('S3 operations; absent: all'),
    key: z
      .string()
      .refine(compiles, { error: (issue) => `${JSON.stringify(issue.input)} is not a regular expression` })
      .optional()
      .describe('a regular expression that the object key must match'),
    probability: probability().optional().describe('the chance of each attempt; absent: 1'),
    first: z.int().min(1).optional().describe('only the first so many attempts of each request (operation, key, part)'),
    retryAfter: z.int().min(0).optional().describe('seconds for the Retry-After header; absent: no header'),
  }),
  example: { code: 'SlowDown', operations: ['PutObject', 'UploadPart'], probability: 0.5 },
  compress: (parameters) => parameters,
  async inject({ lease, parameters, id, seed }) {
    const { code, status, operations, key, probability, first, retryAfter } = parameters;
    const [usualStatus, message] = s3ErrorCodes[code];
    await lease.edge.addRule({
      kind: 'answer-error',
      rule: id,
      seed,
      match: {
        ...(operations && { operations }),
        ...(key !== undefined && { key }),
        ...(probability !== undefined && { probability }),
        ...(first !== undefined && { first }),
      },
      status: status ?? usualStatus,
      code,
      message,
      ...(retryAfter !== undefined && { retryAfter }),
    });
    return {
      async heal() {
        const { considered, fired } = await lease.edge.removeRule(id);
        return { fired, unit: 'requests', measured: { considered } };
      },
    };
  },
  effect({ fault, end, attempts }) {
    const { code } = fault.with as { code: string };
    const answered = attempts.filter((attempt) => attempt.code === code).length;
    if (answered > 0)
      return { seen: true, message: `${answered} of ${attempts.length} attempts were answered ${code}` };
    const considered = end.evidence?.considered ?? 0;
    return {
      seen: false,
      message:
        considered === 0
          ? `none of the ${attempts.length} attempts in that time was one that it is about`
          : `${considered} requests were considered, and no client got a ${code}`,
    };
  },
});
