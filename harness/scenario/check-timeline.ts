/** Whether a scenario can come true with a deployment's settings: told before anything is started. */
import { faultNamed } from '../faults/catalogue.ts';
import { ingestLimits } from '../tempo/budget.ts';
import { formatDuration } from '../tempo/go-duration.ts';
import type { TempoSettings } from '../tempo/settings.ts';
import { Compression, CompressionError } from './compression.ts';
import { loadPace } from './load-pace.ts';
import type { Scenario } from './scenario.ts';
import { ScenarioError, type ScenarioProblem } from './scenario-error.ts';

/**
 * @param where names the scenario in messages.
 * @param settings uncompressed.
 * @throws ScenarioError when a duration becomes too short under compression, or a fault begins after the last write.
 */
export function checkTimeline(where: string, scenario: Scenario, settings: TempoSettings): void {
  const problems: ScenarioProblem[] = [];
  const compression = new Compression(scenario.compression.time, scenario.compression.bytes);
  const check = (at: string, what: () => void) => {
    try {
      what();
    } catch (error) {
      if (!(error instanceof CompressionError)) throw error;
      problems.push({ where: at, message: error.message, remedy: error.remedy });
    }
  };
  check(where, () => compression.settings(settings));

  const { load, timeline, expect } = scenario;
  check(`${where}: load`, () => compression.duration(load.traceLength, 'traceLength'));
  check(`${where}: load`, () => compression.duration(load.startOver, 'startOver'));
  const limits = load.limits ? ingestLimits(settings) : undefined;
  const { untilCut } = loadPace(load, settings, limits?.bytesPerSecond);
  // The first block is cut before the timeline begins, and the last one may wait before its flush.
  const lastWrite = (load.blocks - 1) * untilCut + settings.policy.firstFlushJitter;
  for (const [index, entry] of timeline.entries()) {
    const at =
      entry.origin === undefined
        ? `${where}: timeline entry ${index + 1} (${entry.fault})`
        : `${where}: timeline ${entry.origin} (${entry.fault})`;
    check(at, () => compression.duration(entry.at, 'at'));
    check(at, () => compression.duration(entry.for, 'for'));
    const { compress, needs } = faultNamed(entry.fault);
    check(at, () => compress(entry.with, compression));
    if (needs?.includes('tls') && settings.s3.insecure) {
      problems.push({
        where: at,
        message: `it acts on TLS, and the config says \`insecure: true\`, which is plain HTTP`,
        remedy: 'set: { storage.trace.s3.insecure: false } in the scenario, or a config without it',
      });
    }
    const earlier = timeline.some((other, place) => place !== index && other.at < entry.at);
    if (entry.at > lastWrite && !earlier) {
      problems.push({
        where: at,
        message: `it begins at ${formatDuration(entry.at)}, after the last block: ${load.blocks} blocks, one each ${formatDuration(Math.round(untilCut))}, are written by ${formatDuration(Math.round(lastWrite))}`,
        remedy: 'let it begin earlier, or raise load.blocks',
      });
    }
  }
  for (const budget of ['visibleWithin', 'recoveredWithin'] as const) {
    check(`${where}: expect`, () => compression.duration(expect[budget] ?? 0, budget));
  }
  if (problems.length > 0) throw new ScenarioError(problems);
}
