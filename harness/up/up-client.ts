/** The caller's side of a running path: what `inject`, `heal` and `status` do is done by it. */
import { ControlClient, ControlRefusal } from '../process/control-client.ts';
import { operations } from './api.ts';
import type { FaultList, FaultReport, HealedList, InjectInput, PathReport, Refusal } from './protocol.ts';
import { runningUps } from './state-file.ts';

/** It cannot be done: exit code 3. */
export class UpError extends Error {
  override readonly name = 'UpError';
  constructor(
    problem: string,
    readonly remedy: string,
    /** Of the request, one by one. */
    readonly problems: NonNullable<Refusal['problems']> = [],
    /** A heal has failed, or an injection has stopped half-way: what is in force all the same. */
    readonly inForce: readonly string[] = [],
  ) {
    super(problem);
  }
}

/** What is up, as the commands use it. */
export interface UpConnection {
  readonly id: string;
  path(): Promise<PathReport>;
  faults(): Promise<FaultList>;
  /** Resolves when it is in force. @throws UpError */
  inject(request: InjectInput): Promise<FaultReport>;
  /** @throws UpError */
  heal(id: string): Promise<FaultReport>;
  /** @throws UpError */
  healAll(): Promise<HealedList>;
}

/** To the `up` of this id, or to the only one. @throws UpError when there is none, or none of this id, or it is not the only one. */
export function connectUp(id?: string): UpConnection {
  const all = runningUps();
  if (all.length === 0) throw new UpError('nothing is up', 'bring a path up in another terminal: tempo-s3-chaos up');
  const ids = all.map((one) => one.id).join(', ');
  const found = id === undefined ? all : all.filter((one) => one.id === id);
  const [state, second] = found;
  if (!state) throw new UpError(`there is no up ${id}`, `running: ${ids}`);
  if (second) throw new UpError(`${found.length} are up`, `say which one with --up ID: ${ids}`);

  const client = new ControlClient(`up ${state.id}`, state.control.port, state.control.token);
  const call = async <Answer>(
    { method, path }: (typeof operations)[keyof typeof operations],
    fault = '',
    body?: unknown,
  ): Promise<Answer> => {
    try {
      return await client.call(method, path.replace(':id', encodeURIComponent(fault)), body);
    } catch (error) {
      if (!(error instanceof ControlRefusal)) {
        throw new UpError(
          (error as Error).message,
          'see in its terminal whether it still runs, or bring another one up',
        );
      }
      const { error: message, remedy, problems, inForce } = error.answer as Refusal;
      throw new UpError(message, remedy ?? 'see in its terminal what it says', problems, inForce);
    }
  };
  return {
    id: state.id,
    path: () => call(operations.getPath),
    faults: () => call(operations.listFaults),
    inject: (request) => call(operations.injectFault, '', request),
    heal: (fault) => call(operations.healFault, fault),
    healAll: () => call(operations.healAllFaults),
  };
}
