/**
 * How often a fault is drawn, against the others: by what writers to object storage meet in production. docs/explore.md says where that is
 * seen. A fault that is not here, as a new one, has a weight of 1.
 */
export const weights: Readonly<Record<string, number>> = {
  // S3 throttles: the usual trouble of a prefix that has not been scaled yet.
  's3-error': 10,
  'slowdown-rate': 5,
  // S3 or the way to it is slow.
  latency: 8,
  'slow-first-byte': 5,
  bandwidth: 3,
  'shared-bandwidth': 3,
  // Connections end, or nothing comes over them any more.
  'connection-reset': 5,
  'never-answer': 4,
  'lost-answer': 3,
  stall: 3,
  'connection-refused': 3,
  'connect-hang': 2,
  flapping: 2,
  // Names: a resolver that is down, slow, or behind.
  'dns-failure': 3,
  'dns-slow': 3,
  'dns-stale': 2,
  // The machine that the writer runs on.
  'writer-crash': 3,
  'rolling-restart': 3,
  'disk-slow': 2,
  'disk-full': 2,
};

/** The weight of the fault of that name: over 0. */
export function weightOf(fault: string): number {
  return weights[fault] ?? 1;
}
