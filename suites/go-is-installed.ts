/** For suites that need Go where they are run by hand; CI has it. */
import { execFileSync } from 'node:child_process';

export function goIsInstalled(): boolean {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
