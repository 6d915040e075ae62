/** S3 operations by what they do, as S3 counts them against its limits: GET and HEAD read, PUT, COPY, POST and DELETE write. */
import { type S3Operation, s3Operations } from '../history/events.ts';

export const readOperations: readonly S3Operation[] = s3Operations.filter((name) => /^(Get|Head|List)/.test(name));

/** What could not be named (`Unknown`) is in neither group. */
export const writeOperations: readonly S3Operation[] = s3Operations.filter(
  (name) => name !== 'Unknown' && !readOperations.includes(name),
);

export const operationGroups = { reads: readOperations, writes: writeOperations };
export type OperationGroup = keyof typeof operationGroups;
