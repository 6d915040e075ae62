/**
 * Everything that scenarios need and share, running: the environment, a gateway, a DNS server, and subject processes. Started
 * once, it runs any number of scenarios side by side, and takes everything down when it is disposed of.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { type Dns, startDns } from '../dns/dns.ts';
import { chooseEnvironment } from '../environment/auto.ts';
import type { Progress, StartedEnvironment } from '../environment/environment.ts';
import { type Lease, type LeaseRequest, type PathParts, takeLease } from '../environment/lease.ts';
import { openRegister } from '../environment/register.ts';
import { effects } from '../faults/catalogue.ts';
import { type Gateway, startGateway } from '../gateway/gateway.ts';
import type { ClientName } from '../object-store/clients.ts';
import { SubjectPool } from '../subject/subject-pool.ts';
import type { TempoSettings } from '../tempo/settings.ts';
import { type CertificateAuthority, createAuthority } from '../tls/certificate-authority.ts';
import { judgeFile } from '../verdict/judge-file.ts';
import { writingResults } from './results-folder.ts';
import type { ScenarioResult } from './run-result.ts';
import { runScenario } from './run-scenario.ts';
import type { Scenario } from './scenario.ts';
import { scenarioResult } from './scenario-result.ts';
import type { Sabotage } from './stage.ts';

export interface HarnessRun {
  scenario: Scenario;
  client: ClientName;
  /** Uncompressed, with every override. */
  settings: TempoSettings;
  /** The scenario's folder in the results, and its name there. Made here. */
  results: string;
  folder: string;
  /** Runs this one alone. */
  command: string;
  doing(what: string): void;
  signal: AbortSignal;
  sabotage?: Sabotage;
}

export class Harness implements AsyncDisposable {
  #leases = 0;

  private constructor(
    readonly environment: StartedEnvironment,
    private readonly parts: Omit<PathParts, 'environment'> & { subjects: SubjectPool },
    /** Everything that was started, in that order. */
    private readonly started: AsyncDisposable[],
    private readonly disks: string,
    private readonly clock: Clock,
  ) {}

  /**
   * Starts it all; what could be started is taken down again when something cannot.
   * @throws EnvironmentError
   */
  static async start(
    name: 'auto' | 'native' | 'docker',
    options: { progress: Progress; clock: Clock; subjects: number; signal?: AbortSignal },
  ): Promise<Harness> {
    const { progress, clock, subjects, signal } = options;
    const register = await openRegister(progress);
    // Whatever ends this process: what is entered in the register does not outlive it.
    const onExit = () => register.closeNow();
    process.once('exit', onExit);
    const started: AsyncDisposable[] = [
      {
        async [Symbol.asyncDispose]() {
          await register.close();
          process.off('exit', onExit);
        },
      },
    ];
    const keep = <Part extends AsyncDisposable>(part: Part): Part => {
      started.push(part);
      return part;
    };
    try {
      const pool = keep(new SubjectPool(clock));
      signal?.throwIfAborted();
      // The others are started when they are taken: at first, the cores are better used for MinIO.
      pool.prestart(Math.min(subjects, 2));
      // Side by side: MinIO takes the longest to be ready. Each is kept as soon as it is there, so that none is forgotten.
      const all = await Promise.allSettled([
        chooseEnvironment(name, progress, register).then(keep),
        startGateway().then(keep),
        startDns().then(keep),
      ]);
      const failure = all.find((one) => one.status === 'rejected');
      if (failure) throw failure.reason;
      signal?.throwIfAborted();
      const [environment, gateway, dns] = all.map((one) => (one as PromiseFulfilledResult<unknown>).value) as [
        StartedEnvironment,
        Gateway,
        Dns,
      ];
      const disks = register.newFolder('disks');
      let authority: Promise<CertificateAuthority> | undefined;
      const parts = {
        gateway,
        dns,
        subjects: pool,
        authority: () => {
          authority ??= createAuthority(clock.date());
          return authority;
        },
      };
      return new Harness(environment, parts, started, disks, clock);
    } catch (error) {
      // The first error is the one to tell.
      await takeDown(started).catch(() => {});
      throw error;
    }
  }

  /** Runs one scenario through one client and judges it. Rejects only when `signal` ended it, or its results could not be written. */
  async run(run: HarnessRun): Promise<ScenarioResult> {
    const { scenario, client } = run;
    const number = this.#leases++;
    const folder = join(run.results, run.folder);
    const disks = join(this.disks, String(number));
    await writingResults(folder, () => mkdir(folder, { recursive: true }));
    try {
      const history = await writingResults(folder, () =>
        runScenario({ ...this.parts, environment: this.environment }, this.parts.subjects, {
          ...run,
          leaseName: `${scenario.name}-${client}-${number}`,
          folder,
          disks,
          clock: this.clock,
        }),
      );
      return scenarioResult(await judgeFile(history, { effects }), run.folder);
    } finally {
      await rm(disks, { recursive: true, force: true });
    }
  }

  /** A path of its own, for whoever injects faults by hand (`up`), and releases it. */
  lease(request: LeaseRequest): Promise<Lease> {
    return takeLease({ ...this.parts, environment: this.environment }, request);
  }

  /** Makes a folder that goes with the harness. */
  async newFolder(name: string): Promise<string> {
    const folder = join(this.disks, name);
    await mkdir(folder);
    return folder;
  }

  /** Resolves, and says which and how, when a part that all leases share ends without having been asked to. */
  get died(): Promise<string> {
    const { gateway, dns } = this.parts;
    return Promise.race([this.environment.died, gateway.died, dns.died]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await takeDown(this.started);
  }
}

/** The register last: it finds what the others left. @throws AggregateError with every failure. */
async function takeDown([register, ...parts]: AsyncDisposable[]): Promise<void> {
  const failures: Error[] = [];
  const down = async (part: AsyncDisposable) => {
    try {
      await part[Symbol.asyncDispose]();
    } catch (error) {
      failures.push(error as Error);
    }
  };
  await Promise.all(parts.map(down));
  if (register) await down(register);
  if (failures.length > 0) {
    throw new AggregateError(
      failures,
      `the harness was not taken down: ${failures.map(({ message }) => message).join('; ')}`,
    );
  }
}
