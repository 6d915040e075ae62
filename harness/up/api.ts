/** The control API of `tempo-s3-chaos up`, operation by operation: what it serves, and what its description is made from. */
import type { z } from 'zod';
import { faultList, faultReport, healedList, injectRequest, pathReport } from './protocol.ts';

export interface ApiOperation {
  method: 'GET' | 'POST' | 'DELETE';
  /** `/faults/:id`. */
  path: string;
  about: string;
  request?: z.ZodType;
  answer: z.ZodType;
  /** The statuses of its refusals, with what each means; 401 and 500 can come from all. */
  refusals: Record<number, string>;
}

const noSuch = { 404: 'there is no fault of this id' };

/** By name: as a client generated from the description would call them. */
export const operations = {
  getPath: {
    method: 'GET',
    path: '/path',
    about: 'The path that is up, and how to use it.',
    answer: pathReport,
    refusals: {},
  },
  listFaults: {
    method: 'GET',
    path: '/faults',
    about: 'What is in force, with what it did so far, and what was healed.',
    answer: faultList,
    refusals: {},
  },
  injectFault: {
    method: 'POST',
    path: '/faults',
    about: 'Injects a fault. From the answer on it is in force.',
    request: injectRequest,
    answer: faultReport,
    refusals: {
      400: 'the request is wrong: `problems` says where',
      409: 'this path cannot have it: it lacks what the fault needs, or another fault in force touches the same thing',
      502: 'it could not be injected; nothing of it is in force unless `inForce` names it',
    },
  },
  getFault: { method: 'GET', path: '/faults/:id', about: 'One fault.', answer: faultReport, refusals: noSuch },
  healFault: {
    method: 'DELETE',
    path: '/faults/:id',
    about: 'Heals a fault. From the answer on it is no longer in force; the answer has its evidence.',
    answer: faultReport,
    refusals: {
      ...noSuch,
      409: 'it was healed already, or only the end of `up` can heal it',
      502: 'it could not be healed: `inForce` says what still is',
    },
  },
  healAllFaults: {
    method: 'DELETE',
    path: '/faults',
    about: 'Heals every fault that is in force.',
    answer: healedList,
    refusals: { 502: 'not all could be healed: `inForce` says what still is' },
  },
} as const satisfies Record<string, ApiOperation>;

export type OperationName = keyof typeof operations;
