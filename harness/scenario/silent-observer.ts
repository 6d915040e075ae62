/** For those who want a run's result, and nothing of how it comes about. */
import type { RunObserver } from './run-result.ts';

export const silentObserver: RunObserver = {
  warning() {},
  preparing() {},
  environmentUp() {},
  scenarioStarted() {},
  scenarioProgress() {},
  scenarioFinished() {},
};
