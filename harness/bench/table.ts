/** Measurements as people read them. */
import Table from 'cli-table3';
import type { Measurement } from './measurement.ts';

export function measurementTable(measurements: readonly Measurement[]): string {
  const table = new Table({ head: ['', 'measured', 'ratio', 'goal', ''], style: { head: [], border: [] } });
  for (const { what, value, ratio, goal, met } of measurements) {
    table.push([what, value, ratio?.toFixed(2) ?? '', goal ?? '', met === undefined ? '' : met ? 'met' : 'missed']);
  }
  return table.toString();
}
