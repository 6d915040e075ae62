/** All recordings through all clients, several side by side, each on a lease of its own. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { HistoryEvent } from '../../history/events.ts';
import { type ClientName, clientNames } from '../../object-store/clients.ts';
import { pooled } from '../../pooled.ts';
import type { Harness } from '../../scenario/harness.ts';
import { SubjectPool } from '../../subject/subject-pool.ts';
import { type Comparison, compareCourses } from './compare.ts';
import { recordedCourse } from './course.ts';
import { observedCourse } from './observed-course.ts';
import { recordedBounds } from './recorded-deployment.ts';
import type { Recording } from './recording.ts';
import { runRecording } from './run-recording.ts';

/** What the time of a run is divided by, unless told: the shortest deadline recorded, 10 s, then is 1 s. */
export const USUAL_TIME = 10;

/** More side by side makes two cores late, and no run shorter: they mostly wait. */
const SIDE_BY_SIDE = 6;

export interface VectorsOptions {
  recordings: readonly Recording[];
  clients?: readonly ClientName[];
  time?: number;
  seed?: number;
  /** The histories go into folders in here, by recording and client. */
  results: string;
  clock: Clock;
  signal: AbortSignal;
  /** Told of each result as it comes. */
  onResult?(result: VectorResult): void;
}

export interface VectorResult {
  recording: string;
  client: ClientName;
  /** `broken`: a part of the harness failed, and nothing can be said. */
  outcome: 'agree' | 'disagree' | 'broken';
  /** Absent of a broken one. */
  comparison?: Comparison;
  requests: number;
  tookMs: number;
  /** Why nothing can be said, or what ended our writer before it was done. */
  reason?: string;
  /** Its name in the results. */
  folder: string;
}

/** In the order of recordings and clients. @throws the signal's reason. */
export async function runVectors(harness: Harness, options: VectorsOptions): Promise<VectorResult[]> {
  const { recordings, clients = clientNames, onResult = () => {}, signal } = options;
  await using subjects = new SubjectPool(options.clock);
  const wanted = recordings.flatMap((recording) => clients.map((client) => ({ recording, client })));
  return await pooled(wanted, SIDE_BY_SIDE, async ({ recording, client }, number) => {
    signal.throwIfAborted();
    const result = await oneVector(harness, subjects, options, recording, client, number);
    onResult(result);
    return result;
  });
}

async function oneVector(
  harness: Harness,
  subjects: SubjectPool,
  { time = USUAL_TIME, seed = 1, results, clock, signal }: VectorsOptions,
  recording: Recording,
  client: ClientName,
  number: number,
): Promise<VectorResult> {
  const began = clock.now();
  const folder = `${recording.name}-${client}`;
  const disk = await harness.newFolder(`vectors-${number}`);
  const about = { recording: recording.name, client, folder };
  try {
    const { events, unfinished } = await runRecording(
      { lease: (request) => harness.lease(request), subjects },
      {
        ...{ recording, client, time, seed, disk, clock, signal },
        name: `vectors-${number}-${client}`,
        folder: join(results, folder),
      },
    );
    const ours = observedCourse(events, time);
    const comparison = compareCourses(recordedCourse(recording), ours, recordedBounds(recording));
    const agrees = comparison.agree && unfinished === undefined;
    const excuse = agrees ? undefined : whyUndecided(events, ours.slack);
    if (excuse !== undefined) throw new Error(excuse);
    return {
      ...about,
      outcome: agrees ? 'agree' : 'disagree',
      comparison,
      requests: ours.requests.length,
      tookMs: clock.now() - began,
      ...(unfinished !== undefined && { reason: unfinished }),
    };
  } catch (error) {
    signal.throwIfAborted();
    const reason = (error as Error).message;
    return { ...about, outcome: 'broken', requests: 0, tookMs: clock.now() - began, reason };
  } finally {
    await rm(disk, { recursive: true, force: true });
  }
}

/** What broke or was late in the harness, so that a difference may be none of the writer's. */
function whyUndecided(events: readonly HistoryEvent[], slack: number): string | undefined {
  for (const event of events) {
    if (event.type === 'harness.error') return `${event.where}: ${event.message}`;
    if (event.type === 'lateness' && event.maxMs > slack) {
      return `the process ${event.process} was late by ${Math.round(event.maxMs)} ms: run it on a machine that is less busy`;
    }
  }
  return undefined;
}
