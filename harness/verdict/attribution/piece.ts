/**
 * What the time of a block is cut into. `completing` is before its flush. At each instant of a flush each thing that is under way (an attempt,
 * a wait between attempts) is in exactly one of the others.
 */
export const pieces = [
  'completing', // WAL to local block
  'pool', // waiting for a connection of the client's pool
  'dns',
  'connect',
  'tls',
  'disk', // reading the local disk
  'way', // the request on its way, until it was in at the wire stage
  'uplink', // from the wire stage to the S3 edge: what a shared link holds back
  's3', // S3 had the request, or did not take it in
  'answer', // the answer on its way back
  'backoff', // between two attempts of one request
  'cpu', // the writer's process did not run
  'writer', // no attempt under way, and no wait for one: the writer's own work
] as const;
export type Piece = (typeof pieces)[number];

/** Milliseconds of each piece. What is absent took no time. */
export type Pieces = Partial<Record<Piece, number>>;
