/** The two folders that the harness keeps outside of the project: what is worth keeping, and what is not. */
import envPaths from 'env-paths';

const paths = envPaths('tempo-s3-chaos', { suffix: '' });

/** For programs that took long to build. TEMPO_S3_CHAOS_CACHE overrides it. */
export function cacheFolder(): string {
  return process.env.TEMPO_S3_CHAOS_CACHE || paths.cache;
}

/**
 * For the register of runs and their temporary files, which belong to one machine and one boot: hence below the temporary
 * folder, and not in the cache, which CI systems carry from machine to machine. TEMPO_S3_CHAOS_STATE overrides it.
 */
export function stateFolder(): string {
  return process.env.TEMPO_S3_CHAOS_STATE || paths.temp;
}
