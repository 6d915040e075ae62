/** Bugs of the faults and of the places where they act: they are not in force, have no effect, or never end. */
import type { MutantOfRun } from '../mutant.ts';

export const faultMutants: readonly MutantOfRun[] = [
  {
    name: 'counts-and-does-nothing',
    what: 'A fault of S3 counts each request as hit, and sends it on to MinIO as if nothing were.',
    edits: [
      {
        file: 'harness/gateway/answer-error.ts',
        find: "if (when === 'before-body') exchange.ignoreBody(answer);",
        replace: "fired();\n exchange.forward();\n return;\n if (when === 'before-body') exchange.ignoreBody(answer);",
      },
    ],
    scenario: 'outage.yaml',
    client: 'minio',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'matches-nothing',
    what: 'No request matches a rule of the gateway.',
    edits: [
      {
        file: 'harness/gateway/request-match.ts',
        find: '(this.#match.operations?.includes(operation) ?? true) &&',
        replace: 'this.#match.operations?.includes(key as never) === true &&',
      },
    ],
    scenario: 'outage.yaml',
    client: 'aws-sdk',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'rule-outlives-its-heal',
    what: 'A rule that is healed is told to be gone, and goes on acting.',
    edits: [{ file: 'harness/gateway/rules.ts', find: 'this.#installed.delete(rule);', replace: '' }],
    scenario: 'late.yaml',
    client: 'minio',
    caughtBy: 'path-healed',
  },
  {
    name: 'heal-forgotten',
    what: 'The gateway answers that a rule is removed, and keeps it.',
    edits: [
      {
        file: 'harness/gateway/route-rules.ts',
        find: 'const evidence = this.#placeOf(rule).remove(rule);\n    this.#places.delete(rule);',
        replace: 'const evidence = this.#placeOf(rule).evidence(rule);',
      },
    ],
    scenario: 'outage.yaml',
    client: 'minio',
    caughtBy: 'path-healed',
  },
  {
    name: 'toxic-not-removed',
    what: 'The toxic of a fault of the network is not taken off the proxy.',
    edits: [
      {
        file: 'harness/faults/toxics.ts',
        find: 'put.map((name) => lease.proxy.removeToxic(name))',
        replace: 'put.map(async () => {})',
      },
    ],
    scenario: 'regional-latency',
    client: 'minio',
    caughtBy: 'path-healed',
  },
  {
    name: 'toxic-without-effect',
    what: 'A toxic is added with all of its numbers 0.',
    edits: [
      {
        file: 'harness/faults/toxics.ts',
        find: 'type, stream, attributes });',
        replace: 'type, stream, attributes: Object.fromEntries(Object.keys(attributes).map((key) => [key, 0])) });',
      },
    ],
    scenario: 'regional-latency',
    client: 'aws-sdk',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'gateway-tries-again',
    what: 'The gateway sends a request that a fault refuses on to MinIO by itself, so that no client sees the fault.',
    edits: [
      {
        file: 'harness/gateway/s3-edge.ts',
        find: 'if (judgement) judgement.act(exchange);',
        replace: 'if (judgement) exchange.ruledBy(() => judgement.rule, []);\n if (false) judgement?.act(exchange);',
      },
    ],
    scenario: 'unavailable.yaml',
    client: 'minio',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'dns-answers-rightly',
    what: 'The DNS fault counts a query as hit, and gives the right answer.',
    edits: [
      {
        file: 'harness/dns/zone.ts',
        find: "return { reply: withoutRecords('SERVFAIL') };",
        replace: 'return { reply: usual };',
      },
    ],
    scenario: 'dns-down',
    client: 'minio',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'healed-at-once',
    what: 'A fault is healed as soon as it is injected.',
    edits: [
      {
        file: 'harness/scenario/timeline.ts',
        find: "await elapsed(clock.sleep(compression.duration(entry.for, 'for'), signal));",
        replace: '',
      },
    ],
    scenario: 'outage.yaml',
    client: 'minio',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'fault-left-out',
    what: 'The last fault of a timeline is never injected.',
    edits: [
      {
        file: 'harness/scenario/timeline.ts',
        find: 'entries.map(async (entry, index) => {',
        replace: 'entries.slice(0, -1).map(async (entry, index) => {',
      },
    ],
    scenario: 'retries-matter',
    client: 'minio',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'ids-not-stripped',
    what: 'The gateway sends the attempt ids on to MinIO.',
    edits: [
      {
        file: 'harness/gateway/exchange.ts',
        find: 'endToEnd(rawHeaders, attemptHeader)',
        replace: "endToEnd(rawHeaders, 'x-no-header')",
      },
    ],
    scenario: 'outage.yaml',
    client: 'minio',
    caughtBy: 'history-whole',
    says: 'inconclusive',
  },
  {
    name: 'drawn-less-often',
    what: 'A fault that is to act on half of the requests acts on an eighth of them.',
    edits: [
      {
        file: 'harness/gateway/request-match.ts',
        find: 'draw() >= probability) return false;',
        replace: 'draw() >= probability / 4) return false;',
      },
    ],
    scenario: 'slowdown-burst',
    client: 'minio',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'latency-of-a-third',
    what: 'A toxic is added with its latency divided by three.',
    edits: [
      {
        file: 'harness/faults/toxics.ts',
        find: 'type, stream, attributes });',
        replace:
          "type, stream, attributes: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, key === 'latency' ? Math.round(value / 3) : value])) });",
      },
    ],
    scenario: 'regional-latency',
    client: 'minio',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'first-byte-not-held',
    what: 'The first byte of an answer is told to have been held back, and is not.',
    edits: [
      {
        file: 'harness/gateway/hold.ts',
        find: 'punctually(exchange.context.clock, ms, goOn)',
        replace: 'punctually(exchange.context.clock, 0, goOn)',
      },
    ],
    scenario: 'slow-first-byte',
    client: 'minio',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'lost-answer-not-applied',
    what: 'Of a request whose answer is to be lost, MinIO gets nothing.',
    edits: [
      {
        file: 'harness/gateway/cut.ts',
        find: 'else exchange.apply(end);',
        replace: 'else exchange.drain(end);',
      },
    ],
    scenario: 'lost-answer',
    client: 'minio',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'certificate-as-ever',
    what: 'A fault of the certificate counts its handshakes, and the certificate is shown that is always shown.',
    edits: [
      {
        file: 'harness/gateway/tls-end.ts',
        find: 'secureContext: showing?.context ?? this.#context,',
        replace: 'secureContext: this.#context,',
      },
    ],
    scenario: 'tls-certificate',
    client: 'minio',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'handshake-not-held',
    what: 'A fault of the TLS handshake counts it as held, and it goes on at once.',
    edits: [
      {
        file: 'harness/gateway/tls-end.ts',
        find: 'holding.hold(new HeldConnection(socket, shake, (why) => handshake.ended(why)));',
        replace: 'shake();',
      },
    ],
    scenario: 'tls-handshake',
    client: 'minio',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'bits-not-flipped',
    what: 'A body counts as altered, and is not.',
    edits: [
      {
        file: 'harness/gateway/bit-flips.ts',
        find: '(piece[at] as number) ^ (1 << (place % 8));',
        replace: 'piece[at] as number;',
      },
    ],
    scenario: 'corrupt-body',
    client: 'minio',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'cap-of-nothing',
    what: 'The cap on all connections lets a thousand times as much through as it says.',
    edits: [
      {
        file: 'harness/gateway/shared-bandwidth.ts',
        find: "    bytesPerSecond,\n    directions: direction === 'both'",
        replace: "    bytesPerSecond: bytesPerSecond * 1000,\n    directions: direction === 'both'",
      },
    ],
    scenario: 'shared-bandwidth',
    client: 'minio',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'disk-not-slow',
    what: 'The disk counts what it is to wait, and does not wait.',
    edits: [
      {
        file: 'harness/subject/disk-operation.ts',
        find: 'until = Math.max(until, due);',
        replace: '',
      },
    ],
    scenario: 'disk-slow',
    client: 'minio',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'writer-not-paused',
    what: 'The process of the writers is told to be stopped, and runs on.',
    edits: [
      {
        file: 'harness/subject/writers-process.ts',
        find: "this.running(rule).kill('SIGSTOP');",
        replace: 'this.running(rule);',
      },
    ],
    scenario: 'writer-pause',
    client: 'minio',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'crash-loop-without-back-off',
    what: 'A writer that could not start is started again after the same wait each time, which does not grow.',
    edits: [
      {
        file: 'harness/subject/crash-loop.ts',
        find: 'this.#next = Math.min(this.#times.longest, wait * 2);',
        replace: '',
      },
    ],
    scenario: 'crash-during-outage',
    client: 'minio',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'others-beside-silent',
    what: 'The queriers and compactors beside the writers send nothing.',
    edits: [
      {
        file: 'harness/background/traffic.ts',
        find: 'for (let number = 0; number < queriers; number++) {',
        replace: 'for (let number = 0; number < 0 * queriers; number++) {',
      },
      {
        file: 'harness/background/traffic.ts',
        find: 'for (let number = 0; number < compactors; number++) {',
        replace: 'for (let number = 0; number < 0 * compactors; number++) {',
      },
    ],
    scenario: 'thundering-start',
    client: 'minio',
    caughtBy: 'steady-state',
    says: 'inconclusive',
  },
  {
    name: 'compactors-not-started',
    what: 'The compactors that are to be judged are not started.',
    edits: [
      {
        file: 'harness/scenario/senders.ts',
        find: 'if (of === 0) return undefined;',
        replace: 'if (of >= 0) return undefined;',
      },
    ],
    scenario: 'compactor-healthy',
    client: 'minio',
    caughtBy: 'compaction',
    says: 'inconclusive',
  },
];
