/** A route of the gateway process: the wire stage and the S3 edge behind one port, and their part of the history. */
import type { Clock } from '../clock.ts';
import type { Recorder } from '../history/events.ts';
import { HistoryPart } from '../history/part.ts';
import { ControlError } from '../process/control-server.ts';
import { Gathering } from './gathering.ts';
import type { RouteRequest } from './protocol.ts';
import { RouteRules } from './route-rules.ts';
import { S3Edge } from './s3-edge.ts';
import { WireRules } from './wire-rules.ts';
import { WireStage } from './wire-stage.ts';

export class GatewayRoute {
  private constructor(
    readonly port: number,
    readonly rules: RouteRules,
    readonly record: Recorder,
    readonly close: () => Promise<void>,
  ) {}

  /** @throws ControlError (400) for a certificate that is none. */
  static async open(request: RouteRequest, clock: Clock): Promise<GatewayRoute> {
    const { route, upstream, domain, tls, historyFile } = request;
    const part = new HistoryPart(historyFile);
    const events = new Gathering(clock, part.record);
    const { record } = events;
    const edge = new S3Edge({ route, upstream, domain, clock, record });
    const handOn = edge.accept.bind(edge);
    const wire = await WireStage.listen({ route, clock, record, tls, handOn }).catch(async (error: Error) => {
      await part.close();
      throw new ControlError(400, `route ${route}: it cannot listen: ${error.message}`);
    });
    const rules = new RouteRules(edge.rules, new WireRules(wire));
    return new GatewayRoute(wire.port, rules, record, async () => {
      await wire.close();
      await edge.close();
      events.flush();
      await part.close();
    });
  }
}
