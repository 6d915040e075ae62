import { describe, expect, it } from 'vitest';
import { faultNames } from '../../faults/catalogue.ts';
import type { HistoryEvent } from '../../history/events.ts';
import { hideFaults } from '../../verdict/attribution/hide-faults.ts';
import { planScenarios } from './planned.ts';

const plan = planScenarios(42);

/** Every event in which the injection of a fault leaves something. */
function marked(planned: (typeof plan.scenarios)[number]): HistoryEvent[] {
  const { scenario } = planned;
  return scenario.timeline.flatMap(({ fault, with: parameters }, index): HistoryEvent[] => {
    const rule = `${index + 1}-${fault}`;
    const connection = { route: 'route', connection: 1 };
    return [
      {
        t: 0,
        type: 'scenario',
        format: 1,
        tool: 'test',
        name: scenario.name,
        client: planned.client,
        seed: scenario.seed,
        environment: 'native',
        scenario: { ...scenario, about: planned.planted },
        compression: scenario.compression,
        settings: {},
        command: `npx tempo-s3-chaos run ${fault} --client minio`,
      },
      { t: 1, type: 'fault.start', id: rule, fault, with: parameters },
      {
        t: 2,
        type: 'edge',
        ...connection,
        operation: 'PutObject',
        bucket: 'bucket',
        key: 'key',
        method: 'PUT',
        start: 1,
        bytesIn: 1,
        bytesOut: 0,
        rule,
        heldMs: 1,
        flipped: 1,
        cut: 'rule',
      },
      { t: 2, type: 'wire', ...connection, opened: 1, bytesIn: 1, bytesOut: 1, ended: 'client', rule },
      { t: 2, type: 'tls.handshake', ...connection, start: 1, outcome: 'ok', rule },
      { t: 2, type: 'dns.query', name: 's3', question: 'A', transport: 'udp', answer: 'SERVFAIL', addresses: [], rule },
      {
        t: 2,
        type: 'disk',
        writer: 'ingester-0',
        operation: 'read',
        path: 'p',
        start: 1,
        bytes: 0,
        error: 'EIO',
        rule,
      },
      { t: 2, type: 'disk', writer: 'ingester-0', operation: 'read', path: 'p', start: 1, bytes: 1, rule },
      { t: 2, type: 'writer.process', what: 'paused', writers: ['ingester-0'], rule },
      { t: 2, type: 'writer.process', what: 'restarted', writers: ['ingester-0'], rule },
      { t: 2, type: 'server', what: 'paused', rule },
      { t: 2, type: 'probe', when: 'after', samples: [], inForce: [rule] },
      { t: 3, type: 'fault.end', id: rule, fault, fired: 1, unit: 'requests', healed: true, until: 3 },
    ];
  });
}

describe('what the judge is shown', () => {
  it('names nothing of what is planted', () => {
    for (const planned of plan.scenarios) {
      const shown = hideFaults(marked(planned));
      const text = JSON.stringify(shown);
      for (const { fault } of planned.scenario.timeline) expect(text, planned.name).not.toContain(fault);
      expect(shown.map(({ type }) => type)).not.toContain('fault.start');
      expect(text).not.toMatch(/"(heldMs|flipped)"|"cut":"rule"|"timeline":\[\{/);
    }
  });

  it('carries what is planted into the test: before hiding, the name of each fault is there', () => {
    const names = new Set(plan.scenarios.flatMap(({ scenario }) => scenario.timeline.map(({ fault }) => fault)));
    expect(faultNames).toEqual(expect.arrayContaining([...names]));
    for (const planned of plan.scenarios.slice(0, 10)) {
      const text = JSON.stringify(marked(planned));
      for (const { fault } of planned.scenario.timeline) expect(text).toContain(fault);
    }
  });
});
