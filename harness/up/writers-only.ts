/** Why a fault of the writer's machine cannot be injected by hand, and what to do instead. */
export const writersOnly = {
  why: 'it acts on the machine of a block writer of ours, and `up` runs none: your client is out of its reach',
  remedy: 'put it in the timeline of a scenario, and run that with: tempo-s3-chaos run FILE',
} as const;
