import { z } from 'zod';

/** The parameter of faults that end the S3 server. */
export const howEnded = () =>
  z.enum(['kill', 'stop']).default('kill').describe('kill: SIGKILL, as by a crash; stop: SIGTERM, an orderly end');
