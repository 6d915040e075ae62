/** For tests: hears everything, and says nothing. */
import type { RunObserver } from './run-result.ts';

export const silentObserver: RunObserver = {
  warning() {},
  preparing() {},
  environmentUp() {},
  scenarioStarted() {},
  scenarioProgress() {},
  scenarioFinished() {},
};
