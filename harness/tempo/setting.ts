/** One value that a config, a deployment file or an option may hold: how it is read, where it goes, and what it does to a write. */
import { tempoDefaults } from './defaults.ts';
import { type Kind, writeScalar } from './go-scalar.ts';
import type { TempoSettings, TempoVersion } from './settings.ts';

export interface Setting {
  kind: Kind;
  /** The default, as a config writes it; of what has none, an example. */
  fallback: string;
  /** What it does on the write path, for the docs. */
  about: string;
  assign(settings: TempoSettings, value: unknown): void;
}

/** The parts of `TempoSettings` that are made of values. */
export type Section = Exclude<keyof TempoSettings, 'version' | 'client' | 'sdk'>;

/** Makes the setting at `settings[section][name]`. */
export type SettingAt = <S extends Section>(
  section: S,
  name: keyof TempoSettings[S] & string,
  kind: Kind,
  about: string,
) => Setting;

/** Settings with the defaults of one version of Tempo. */
export function settingsOf(version: TempoVersion): SettingAt {
  const defaults = tempoDefaults(version);
  return (section, name, kind, about) => ({
    kind,
    fallback: writeScalar(defaults[section][name], kind),
    about,
    assign(settings, value) {
      Object.assign(settings[section], { [name]: value });
    },
  });
}

export const duration: Kind = { type: 'duration', min: 'above zero' };
export const durationOrZero: Kind = { type: 'duration', min: 'zero' };
export const count: Kind = { type: 'integer', min: 1 };
export const countOrZero: Kind = { type: 'integer', min: 0 };
export const bytes: Kind = { type: 'bytes', min: 1 };
export const bytesOrZero: Kind = { type: 'bytes', min: 0 };
export const boolean: Kind = { type: 'boolean' };
export const text: Kind = { type: 'text' };

/** One of some words, without quotes around them. */
export function oneOf(what: string, names: readonly string[]): Kind {
  const words = names.map((name) => name.replaceAll('.', '\\.')).join('|');
  return { type: 'text', what, valid: new RegExp(`^(${words})$`), expects: names.join(' or ') };
}
