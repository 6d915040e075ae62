/** The gateway process: opens and closes routes, and adds and removes their rules, as its control API says. */
import { setFlagsFromString } from 'node:v8';
import { realClock } from '../clock.ts';
import { beReady } from '../process/child.ts';
import { ControlError, serveControl } from '../process/control-server.ts';
import { watchLateness } from '../process/lateness.ts';
import {
  type GatewayReady,
  gatewayTokenVariable,
  type RouteAnswer,
  type RouteRequest,
  type RouteRule,
} from './protocol.ts';
import { GatewayRoute } from './route.ts';

// V8 optimises code that has run for long enough; at its default, most of the gateway was still interpreted after 1000
// requests. At about a sixth of that, a PUT of 4 KiB through the whole path took 1.10 times Toxiproxy alone instead of 1.13
// (path bench, medians of 6 and 5 runs).
setFlagsFromString('--interrupt-budget=20000');

const token = process.env[gatewayTokenVariable];
if (!token) throw new Error(`gateway: ${gatewayTokenVariable} is empty: the harness sets it to the token of the run`);

const routes = new Map<string, GatewayRoute>();

function routeOf({ route }: Record<string, string>): GatewayRoute {
  const open = routes.get(route as string);
  if (!open) throw new ControlError(404, `no route ${route} is open`);
  return open;
}

const control = await serveControl(token, {
  'POST /routes': async (_, body): Promise<RouteAnswer> => {
    const request = body as RouteRequest;
    const { route, upstream, historyFile } = request ?? {};
    if (!route || !upstream?.host || !upstream.port || !historyFile) {
      throw new ControlError(400, 'a route wants route, upstream.host, upstream.port and historyFile');
    }
    if (routes.has(route)) throw new ControlError(409, `route ${route} is open: close it first`);
    const opened = await GatewayRoute.open(request, realClock);
    routes.set(route, opened);
    return { host: '127.0.0.1', port: opened.port };
  },
  'DELETE /routes/:route': async (parameters) => {
    const route = routeOf(parameters);
    routes.delete(parameters.route as string);
    await route.close();
  },
  'GET /routes/:route/rules': (parameters) => ({ rules: routeOf(parameters).rules.names }),
  'POST /routes/:route/rules': (parameters, body) => routeOf(parameters).rules.add(body as RouteRule),
  'GET /routes/:route/rules/:rule': (parameters) => routeOf(parameters).rules.evidence(parameters.rule as string),
  'DELETE /routes/:route/rules/:rule': (parameters) => routeOf(parameters).rules.remove(parameters.rule as string),
});

watchLateness('gateway', realClock, (event) => {
  for (const route of routes.values()) route.record(event);
});

beReady<GatewayReady>({ controlPort: control.port }, async () => {
  await Promise.allSettled([...routes.values()].map((route) => route.close()));
});
