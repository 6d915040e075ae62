/** What an exploration leaves in the folder of its results, beside the histories of what failed. */

/** The result, as `--json` prints it. */
export const exploreFile = 'explore.json';

/** A scenario for each timeline that was drawn, to run again. */
export const timelinesFolder = 'timelines';
