/**
 * `explore`: seeded random timelines on one config, on a real environment that all runs share. What is done with them is in
 * explore-timelines.ts; here are the config, the environment, the folder of the results, and the files in it.
 */
import { access, mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { realClock } from '../clock.ts';
import { environmentKinds } from '../environment/auto.ts';
import type { ClientName } from '../object-store/clients.ts';
import { checkTimeline } from '../scenario/check-timeline.ts';
import { Compression } from '../scenario/compression.ts';
import { scenarioYaml } from '../scenario/demonstrations.ts';
import { Harness } from '../scenario/harness.ts';
import { newResultsFolder, removeIfEmpty, writeResult, writingResults } from '../scenario/results-folder.ts';
import { commandFor, type RunOptions, readOptions, shown, USUAL_AT_ONCE } from '../scenario/run.ts';
import { type ScenarioInput, scenarioSchema } from '../scenario/scenario.ts';
import { ScenarioError } from '../scenario/scenario-error.ts';
import { usualConfig } from '../scenario/shipped.ts';
import { tool } from '../scenario/tool.ts';
import { readTempoConfig } from '../tempo/config.ts';
import { SMALLEST_PART } from '../tempo/defaults.ts';
import type { TempoSettings } from '../tempo/settings.ts';
import { drawTimeline } from './draw-timeline.ts';
import { ExploreError } from './explore-error.ts';
import { exploreFile, timelinesFolder } from './explore-files.ts';
import type { ExploreObserver, ExploreResult } from './explore-result.ts';
import { exploreTimelines } from './explore-timelines.ts';
import { exploredScenario, suitedTime } from './explored-scenario.ts';
import type { Intensity } from './intensity.ts';
import { partSizeKey, type Repertoire, repertoire } from './repertoire.ts';
import { roomOf } from './room.ts';

export interface ExploreOptions extends Omit<RunOptions, 'scenarios' | 'seed'> {
  seed: number;
  /** Timelines; each is run through each client. */
  runs: number;
  intensity: Intensity;
  /** Names; absent: all that are survived. */
  faults?: readonly string[];
}

/**
 * Gives the result, which is in its folder then (explore.json) as well.
 * @throws ExploreError, ConfigError, EnvironmentError, ResultsError: nothing was run. Also the signal's reason.
 */
export async function explore(
  options: ExploreOptions,
  observer: ExploreObserver,
  signal: AbortSignal,
): Promise<ExploreResult> {
  const clock = realClock;
  const { seed, runs, clients, faults: only, set, atOnce = USUAL_AT_ONCE } = options;
  const config = options.config ?? usualConfig;
  const base = await readTempoConfig(config, readOptions(options));
  const { settings } = base;
  if (settings.client === 'sdk') {
    throw new ExploreError(
      "explore runs compressed, and with the policy sdk the retries and timeouts are the SDK's own, which cannot be compressed",
      'leave --policy sdk (client.policy) away, or run single scenarios whose compression.time is 1',
    );
  }
  const inParts = await readTempoConfig(config, readOptions(options, [`${partSizeKey}=${SMALLEST_PART}`]));
  mustDraw(repertoire(settings, { ...(only && { only }) }));

  const folder = await newResultsFolder(options.out, clock);
  try {
    await using harness = await Harness.start(options.environment, {
      progress: (line) => observer.preparing(line),
      clock,
      subjects: Math.min(atOnce, runs * clients.length),
      signal,
    });
    const startedAt = clock.date().toISOString();
    const began = clock.now();
    const disk = await environmentKinds.find(({ name }) => name === harness.environment.name)?.diagnoseDisk();
    const lacks = disk && !disk.works ? { limitedDisk: `${disk.problem}: ${disk.remedy}` } : {};
    const all = repertoire(settings, { ...(only && { only }), lacks });
    mustDraw(all);
    observer.environmentUp(`environment: ${harness.environment.name} (${harness.environment.origin})`);
    for (const warning of base.warnings) observer.warning(warning);
    for (const { fault, why } of all.leftOut) observer.phase(`left out: ${fault}: ${why}`);

    await writeResult(join(folder, basename(config)), base.raw);
    const compression = new Compression(suitedTime(settings), 1);
    const { drawable } = all;
    const timelines = Array.from({ length: runs }, (_, index) =>
      drawTimeline(index + 1, { seed, drawable, intensity: options.intensity, compression }),
    );
    await writingResults(folder, () => mkdir(join(folder, timelinesFolder)));
    for (const drawn of timelines) {
      const scenario = exploredScenario(drawn, settings, roomOf(drawn, settings));
      await writeResult(join(folder, timelinesFolder, `${scenario.name}.yaml`), scenarioYaml(scenario));
    }

    const settingsFor = ({ set: own = {} }: ScenarioInput) => (partSizeKey in own ? inParts.settings : settings);
    const commandOf = (input: ScenarioInput, client: ClientName, file: string) =>
      commandFor({ given: shown(file), client, scenario: { seed: input.seed ?? seed } }, options);
    const explored = await exploreTimelines({
      timelines,
      clients,
      faults: drawable.map(({ fault }) => fault),
      settings,
      atOnce,
      isPossible: (input) => isPossible(input, settingsFor(input)),
      observer,
      async run(input, client, name, keep) {
        const about = { name: name.replace(`-${client}`, ''), client };
        observer.scenarioStarted(about);
        const result = await harness.run({
          scenario: scenarioSchema.parse(input),
          client,
          settings: settingsFor(input),
          results: folder,
          folder: name,
          command: commandOf(input, client, join(folder, timelinesFolder, `${input.name}.yaml`)),
          doing: (what) => observer.scenarioProgress(about, what),
          signal,
        });
        // There may be thousands of them, and each can be had again by its seed.
        if (!keep || result.verdict === 'pass') await rm(join(folder, name), { recursive: true, force: true });
        observer.scenarioFinished({ ...result, name: about.name });
        return result;
      },
      async write(input, client) {
        const file = await freeName(join(folder, input.name), client);
        await writeResult(file, scenarioYaml(input));
        return { file: shown(file), command: commandOf(input, client, file) };
      },
    });
    const result: ExploreResult = {
      format: 1,
      tool,
      ...explored,
      seed,
      runs,
      intensity: options.intensity,
      clients: [...clients],
      environment: harness.environment.name,
      config: shown(config),
      set: [...set],
      startedAt,
      tookMs: clock.now() - began,
      folder: shown(folder),
      leftOut: [...all.leftOut],
    };
    await writeResult(join(folder, exploreFile), `${JSON.stringify(result, null, 2)}\n`);
    return result;
  } finally {
    await removeIfEmpty(folder);
  }
}

/** Whether anything is left to draw. @throws ExploreError, which tells why not. */
function mustDraw({ drawable, leftOut }: Repertoire): void {
  if (drawable.length > 0) return;
  const why = leftOut.map(({ fault, why }) => `${fault}: ${why}`).join('\n  ');
  throw new ExploreError(
    `none of the faults can be drawn:\n  ${why}`,
    'name others with --faults, or leave it away: every fault that the config and the environment allow is drawn from then',
  );
}

/** A smaller timeline need not be one that can be run: a parameter may be missing, or two may now meet. */
function isPossible(input: ScenarioInput, settings: TempoSettings): boolean {
  const parsed = scenarioSchema.safeParse(input);
  if (!parsed.success) return false;
  try {
    checkTimeline(input.name, parsed.data, settings);
    return true;
  } catch (error) {
    if (error instanceof ScenarioError) return false;
    throw error;
  }
}

/** `explored-7-12.yaml`; the same timeline's other finding, through another client, is beside it under that client's name. */
async function freeName(path: string, client: string): Promise<string> {
  const file = `${path}.yaml`;
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  return isThere ? `${path}-${client}.yaml` : file;
}
