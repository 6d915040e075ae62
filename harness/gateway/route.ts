/** A route of the gateway process: the wire stage and the S3 edge behind one port, and their part of the history. */
import type { Clock } from '../clock.ts';
import type { Recorder } from '../history/events.ts';
import { HistoryPart } from '../history/part.ts';
import { Gathering } from './gathering.ts';
import type { RouteRequest } from './protocol.ts';
import type { Rules } from './rules.ts';
import { S3Edge } from './s3-edge.ts';
import { WireStage } from './wire-stage.ts';

export class GatewayRoute {
  private constructor(
    readonly port: number,
    readonly rules: Rules,
    readonly record: Recorder,
    readonly close: () => Promise<void>,
  ) {}

  static async open(request: RouteRequest, clock: Clock): Promise<GatewayRoute> {
    const { route, upstream, domain, historyFile } = request;
    const part = new HistoryPart(historyFile);
    const events = new Gathering(clock, part.record);
    const { record } = events;
    const edge = new S3Edge({ route, upstream, domain, clock, record });
    const wire = await WireStage.listen(route, clock, record, (socket, connection) => edge.accept(socket, connection));
    return new GatewayRoute(wire.port, edge.rules, record, async () => {
      await wire.close();
      await edge.close();
      events.flush();
      await part.close();
    });
  }
}
