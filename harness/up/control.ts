/** Serves the control API of a running path. */
import { ControlError, type Handler, serveControl } from '../process/control-server.ts';
import { type OperationName, operations } from './api.ts';
import type { FaultsInForce } from './faults-in-force.ts';
import { type InjectRequestError, readInjectRequest } from './inject-request.ts';
import type { FaultList, FaultReport, HealedList, InjectRequest, PathReport } from './protocol.ts';

/** Listens on 127.0.0.1 and a free port. */
export async function serveUp(
  token: string,
  path: PathReport,
  faults: FaultsInForce,
): Promise<{ port: number; close(): void }> {
  const handlers: Record<OperationName, Handler> = {
    getPath: (): PathReport => path,
    listFaults: (): Promise<FaultList> => faults.list(),
    injectFault: (_, body): Promise<FaultReport> => faults.inject(readRequest(body)),
    getFault: ({ id }): Promise<FaultReport> => faults.get(id as string),
    healFault: ({ id }): Promise<FaultReport> => faults.heal(id as string),
    healAllFaults: async (): Promise<HealedList> => ({ healed: await faults.healAll() }),
  };
  return serveControl(
    token,
    Object.fromEntries(
      Object.entries(handlers).map(([name, handler]) => {
        const { method, path: at } = operations[name as OperationName];
        return [`${method} ${at}`, handler];
      }),
    ),
  );
}

function readRequest(body: unknown): InjectRequest {
  try {
    return readInjectRequest(body);
  } catch (error) {
    const { message, remedy, problems } = error as InjectRequestError;
    throw new ControlError(400, message, { remedy, ...(problems.length > 0 && { problems }) });
  }
}
