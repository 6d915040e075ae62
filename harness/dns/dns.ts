/** The harness's side of the DNS process. */
import { randomBytes } from 'node:crypto';
import { HarnessProcess } from '../process/child.ts';
import { ControlClient } from '../process/control-client.ts';
import { type DnsFault, type DnsFaultEvidence, type DnsReady, dnsTokenVariable, type NameRequest } from './protocol.ts';

/** A name that resolves. Every call rejects with the process's own message when it is refused. */
export interface DnsName {
  readonly name: string;
  /** From here on every query for the name is treated so. Refused while another fault is on it. */
  fail(fault: DnsFault): Promise<void>;
  /** From here on the name resolves again. Gives the evidence of the fault that was healed; refused without one. */
  heal(): Promise<DnsFaultEvidence>;
  /** The evidence of the fault that is on the name; refused without one. */
  evidence(): Promise<DnsFaultEvidence>;
  /** The rules of the faults that are on the name: one, or none. For the inventory after the last heal. */
  inForce(): Promise<string[]>;
  /** The name is forgotten, and its history part is whole. Rejects when an event could not be written. */
  remove(): Promise<void>;
}

export interface Dns extends AsyncDisposable {
  /** Of the DNS process. */
  readonly pid: number;
  /** Where it answers, over UDP and TCP. */
  readonly host: string;
  readonly port: number;
  /** From the answer on, the name resolves. Refused if it is taken, or not below `dnsZone`. */
  addName(request: NameRequest): Promise<DnsName>;
  /** Resolves, and says why, when the process ends without having been asked to. */
  readonly died: Promise<string>;
}

/** Starts a DNS process. @throws Error with what it wrote to standard error, when it does not come up. */
export async function startDns(): Promise<Dns> {
  const token = randomBytes(32).toString('hex');
  const { process, ready } = await HarnessProcess.start<never, DnsReady>('dns', { [dnsTokenVariable]: token });
  const control = new ControlClient('DNS process', ready.controlPort, token);
  let asked = false;
  const died = new Promise<string>((resolve) => {
    process.exited.then(({ code, signal }) => {
      if (!asked)
        resolve(`the DNS process ended (${signal ?? `exit code ${code}`})${process.stderr && `: ${process.stderr}`}`);
    });
  });
  return {
    pid: process.pid,
    host: ready.host,
    port: ready.port,
    died,
    async addName(request) {
      await control.call('POST', '/names', request);
      return controlledName(control, request.name);
    },
    async [Symbol.asyncDispose]() {
      asked = true;
      await process.stop();
    },
  };
}

function controlledName(control: ControlClient, name: string): DnsName {
  const path = `/names/${encodeURIComponent(name)}`;
  return {
    name,
    async fail(fault) {
      await control.call('PUT', `${path}/fault`, fault);
    },
    heal: () => control.call('DELETE', `${path}/fault`),
    evidence: () => control.call('GET', `${path}/fault`),
    inForce: async () => (await control.call<{ rules: string[] }>('GET', `${path}/faults`)).rules,
    async remove() {
      await control.call('DELETE', path);
    },
  };
}
