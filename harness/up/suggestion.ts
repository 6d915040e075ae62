/** What was probably meant, and what would be valid. */
import { firstOf } from '../faults/first-of.ts';
import { nearestKey } from '../tempo/nearest-key.ts';

/** Valid names that a message lists: every fault of the catalogue, and not every error code of S3. */
const MOST_NAMED = 60;

/** `did you mean probability? valid: code, key, probability`. */
export function suggestion(given: string, valid: readonly string[]): string {
  if (valid.length === 0) return 'leave it out';
  const meant = nearestKey(given, valid);
  return `${meant ? `did you mean ${meant}? ` : ''}valid: ${firstOf(valid, MOST_NAMED)}`;
}
