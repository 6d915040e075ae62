/** One line of a bench's table. */
export interface Measurement {
  what: string;
  /** With its unit. */
  value: string;
  /** Against the baseline of its bench. */
  ratio?: number;
  /** What the ratio, or the value, has to be. */
  goal?: string;
  met?: boolean;
}
