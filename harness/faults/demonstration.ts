/**
 * A scenario that shows one fault at work: short, and through every client with the same verdict. It is a scenario as a file has
 * it (see scenario/scenario.ts), without name and seed, and with the fault itself named by no more than its `with:`.
 */
export interface Demonstration {
  /** What it shows, in a sentence. */
  about: string;
  compression?: { time?: number; bytes?: number };
  load: { writers?: number; processes?: number; rate: string; blocks: number };
  /** Settings over the config, as --set has them. */
  set?: Record<string, string | number | boolean>;
  /** `fault` absent: the fault that is shown. */
  timeline: { at: string; for: string; fault?: string; with?: Record<string, unknown> }[];
  expect: {
    verdict?: 'pass' | 'fail';
    /** With `fail`: the checker that must fail. */
    cause?: string;
    lost?: number;
    deadlineExceeded?: number;
    visibleWithin?: string;
    recoveredWithin?: string;
    amplification?: number;
  };
}
