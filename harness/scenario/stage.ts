/** What the steps of a scenario are told of the run that they belong to. */
import type { Clock } from '../clock.ts';
import type { Lease } from '../environment/lease.ts';
import type { FaultDefinition } from '../faults/fault.ts';
import type { Recorder } from '../history/events.ts';
import type { ClientName } from '../object-store/clients.ts';
import type { TempoSettings } from '../tempo/settings.ts';
import type { Compression } from './compression.ts';
import type { Scenario } from './scenario.ts';

export interface ScenarioRun {
  scenario: Scenario;
  client: ClientName;
  /** Uncompressed, with the scenario's own `set` and the run's. */
  settings: TempoSettings;
  /** Runs this one alone. */
  command: string;
  /** Unique in the run, and fit for a bucket and a DNS label: `slowdown-burst-minio`. */
  leaseName: string;
  /** The scenario's folder in the results. It is made. */
  folder: string;
  /** A folder for the writers' local disks. It is made; who called removes it. */
  disks: string;
  clock: Clock;
  /** Told what it is doing, in a few words. */
  doing(what: string): void;
  /** Ends it early (Ctrl-C): it takes down what it put up, and rejects with the signal's reason. */
  signal: AbortSignal;
  sabotage?: Sabotage;
}

/** For the tests of the tester only: what is done behind the harness's back. */
export interface Sabotage {
  /** Where the writers send their requests instead. */
  endpoint?(lease: Lease): { host: string; port: number };
  beforeFinalRead?(lease: Lease): Promise<void>;
  /** What is injected in place of each fault. */
  fault?(definition: FaultDefinition): Pick<FaultDefinition, 'inject'>;
}

/** One run under way. */
export interface Stage extends ScenarioRun {
  compression: Compression;
  /** The settings, compressed. */
  compressed: TempoSettings;
  partsFolder: string;
  record: Recorder;
  stop: AbortSignal;
  watch(where: string, died: Promise<string>): unknown;
}
