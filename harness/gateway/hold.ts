/**
 * The rule `hold`: the client waits for its answer.
 *
 * - For a time: the request goes on afterwards, and the judging goes on at once. `before-apply`: MinIO cannot do it before the time
 *   is over, see `Exchange.wait`. `after-apply`: MinIO's answer is kept back. If another rule answers in MinIO's place, that answer
 *   comes so much later.
 * - For ever: `before-apply`: the body is read and dropped, MinIO never sees the request. `after-apply`: MinIO does it.
 *
 * The waiting begins when the client has nothing more to send, or when the answer is there: then it has fired. When the rule is
 * removed, whoever waits is cut, and whoever would have to wait for ever with its body dropped. All others go on as if there had
 * been no rule.
 */
import { ControlError } from '../process/control-server.ts';
import type { Exchange, Wait } from './exchange.ts';
import type { HoldRule } from './protocol.ts';
import { punctually } from './punctual.ts';
import { RequestMatcher } from './request-match.ts';
import type { RuleKind } from './rule-kind.ts';

export const hold: RuleKind<HoldRule> = (definition) => {
  check(definition);
  const { when, forMs, jitterMs = 0 } = definition;
  /** What ends those that are held. */
  const cuts = new Set<() => void>();
  let removed = false;

  /** `ms` absent: for ever. */
  const waiting = (exchange: Exchange, fired: () => void, ms: number | undefined): Wait => {
    return (over) => {
      if (removed) return undefined;
      fired();
      const goOn = () => {
        cuts.delete(cut);
        over();
      };
      const cancel = ms === undefined ? () => {} : punctually(exchange.context.clock, ms, goOn);
      const stop = () => {
        cuts.delete(cut);
        cancel();
      };
      const cut = () => {
        stop();
        exchange.sever();
      };
      cuts.add(cut);
      return stop;
    };
  };

  /** Holds for ever what MinIO is not to see. */
  const swallow = (exchange: Exchange, fired: () => void) => {
    const cut = () => {
      fired();
      exchange.sever();
    };
    cuts.add(cut);
    exchange.whenEnded(() => cuts.delete(cut));
    exchange.wait(when, waiting(exchange, fired, undefined));
    exchange.drain(() => {});
  };

  return {
    selector: new RequestMatcher(definition),
    ends: forMs === undefined,
    act(exchange, fired, draw) {
      if (forMs !== undefined) {
        exchange.wait(when, waiting(exchange, fired, forMs + jitterMs * draw('jitter')));
      } else if (when === 'after-apply') {
        exchange.wait(when, waiting(exchange, fired, undefined));
        exchange.forward();
      } else {
        swallow(exchange, fired);
      }
    },
    removed() {
      removed = true;
      for (const cut of [...cuts]) cut();
    },
  };
};

function check({ rule, when, forMs, jitterMs }: HoldRule): void {
  if (when !== 'before-apply' && when !== 'after-apply')
    throw new ControlError(400, `rule ${rule}: when is ${when}: before-apply or after-apply`);
  for (const [name, ms] of Object.entries({ forMs, jitterMs })) {
    if (ms !== undefined && !(Number.isFinite(ms) && ms >= 0))
      throw new ControlError(400, `rule ${rule}: ${name} is ${ms}: milliseconds from 0 on`);
  }
  if (forMs === undefined && jitterMs !== undefined)
    throw new ControlError(400, `rule ${rule}: jitterMs without forMs: there is no more than for ever`);
}
