/** How bad the explored timelines are. */

export const intensities = ['mild', 'usual', 'harsh'] as const;
export type Intensity = (typeof intensities)[number];

export interface IntensityOf {
  /** How often a timeline has one, two, three, four faults, against one another. */
  readonly faults: readonly number[];
  /** How long a fault lasts, in times of its demonstration. */
  readonly lasts: readonly number[];
  /** By what a duration, rate or size of a fault's parameters is multiplied. */
  readonly factors: readonly number[];
}

export const intensity: Readonly<Record<Intensity, IntensityOf>> = {
  mild: { faults: [3, 1], lasts: [0.5, 0.75, 1], factors: [0.5, 1] },
  usual: { faults: [4, 3, 2, 1], lasts: [0.75, 1, 1.5, 2], factors: [0.5, 1, 2] },
  harsh: { faults: [0, 2, 3, 3], lasts: [1, 2, 3, 4], factors: [0.25, 0.5, 1, 2, 4] },
};
