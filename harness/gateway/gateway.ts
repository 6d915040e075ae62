/** The harness's side of a gateway process. */
import { randomBytes } from 'node:crypto';
import { HarnessProcess } from '../process/child.ts';
import { ControlClient } from '../process/control-client.ts';
import {
  type GatewayReady,
  gatewayTokenVariable,
  type RouteAnswer,
  type RouteRequest,
  type RouteRule,
  type RuleEvidence,
} from './protocol.ts';

/** Starts a gateway process, and waits until it takes orders. @throws Error with what it wrote, when it does not start. */
export async function startGateway(): Promise<Gateway> {
  const token = randomBytes(24).toString('base64url');
  const started = await HarnessProcess.start<never, GatewayReady>('gateway', { [gatewayTokenVariable]: token });
  return new Gateway(started.process, new ControlClient('gateway', started.ready.controlPort, token));
}

/** A gateway process that runs. Disposing of it ends it, and its routes with it. */
export class Gateway implements AsyncDisposable {
  /** Resolves, and says how, when the process ends without having been asked to. */
  readonly died: Promise<string>;
  readonly #process: HarnessProcess<never, GatewayReady>;
  readonly #control: ControlClient;
  #asked = false;

  constructor(process: HarnessProcess<never, GatewayReady>, control: ControlClient) {
    this.#process = process;
    this.#control = control;
    this.died = new Promise((resolve) => {
      process.exited.then(({ code, signal }) => {
        if (!this.#asked)
          resolve(`the gateway process ended (${signal ?? code}): ${process.stderr || 'without a word'}`);
      });
    });
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** @throws Error when the name is taken, or the request is not whole. */
  async openRoute(request: RouteRequest): Promise<Route> {
    const { host, port } = await this.#control.call<RouteAnswer>('POST', '/routes', request);
    return new Route(host, port, request.route, this.#control);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#asked = true;
    await this.#process.stop();
  }
}

/** An open route: what comes to `host`:`port` goes to its upstream. */
export class Route implements AsyncDisposable {
  readonly #control: ControlClient;
  readonly #path: string;
  #closed: Promise<void> | undefined;

  constructor(
    readonly host: string,
    readonly port: number,
    readonly name: string,
    control: ControlClient,
  ) {
    this.#control = control;
    this.#path = `/routes/${encodeURIComponent(name)}`;
  }

  /**
   * From here on, every new request (connection, handshake) is judged by the rule; a shared cap holds for the open connections too.
   * @throws Error with the reason, when the rule is refused.
   */
  async addRule(rule: RouteRule): Promise<void> {
    await this.#control.call('POST', `${this.#path}/rules`, rule);
  }

  /** The names of the rules in force, in the order of their installation. */
  async rules(): Promise<string[]> {
    return (await this.#control.call<{ rules: string[] }>('GET', `${this.#path}/rules`)).rules;
  }

  /** What the rule has done so far. @throws Error when there is none of this name. */
  evidence(rule: string): Promise<RuleEvidence> {
    return this.#control.call('GET', `${this.#path}/rules/${encodeURIComponent(rule)}`);
  }

  /** From here on, no new request (connection, handshake) is touched by the rule. @throws Error when there is none of this name. */
  removeRule(rule: string): Promise<RuleEvidence> {
    return this.#control.call('DELETE', `${this.#path}/rules/${encodeURIComponent(rule)}`);
  }

  /**
   * Ends its connections. Once resolved, its part of the history is whole.
   * @throws Error when an event could not be written.
   */
  close(): Promise<void> {
    this.#closed ??= this.#control.call('DELETE', this.#path).then(() => {});
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
