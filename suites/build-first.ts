/** Vitest's global set-up: the processes that the harness starts run from dist/, so dist/ has to be what the sources say. */
import { build } from '../build.mjs';

export default build;
