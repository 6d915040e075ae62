/** One thing that is said of a config. */
export interface SettingNote {
  level: 'ok' | 'warning';
  /** The key of Tempo's config, or `policy.<name>` for what has none. */
  setting: string;
  message: string;
}
