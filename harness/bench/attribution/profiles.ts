/**
 * What is loaded while a cause is at work. Short as they pass, and long in the config's time: 20 times compressed. What two causes at once
 * cost is compared with what each costs alone, so all three run on one profile.
 */
import type { ScenarioInput } from '../../scenario/scenario.ts';

const profileNames = ['small', 'large', 'busy'] as const;
/**
 * `small`: a block each ten seconds, in one PutObject. `large`: fewer blocks that keep a true proportion to bandwidth (what the sockets hold
 * does not shrink), in two parts. `busy`: a block each five seconds, for causes that are nothing but a crowd.
 */
export type ProfileName = (typeof profileNames)[number];

export const profiles: Record<ProfileName, Pick<ScenarioInput, 'compression' | 'load' | 'set'>> = {
  small: { compression: { time: 20, bytes: 200 }, load: { rate: '53MB/s', blocks: 7 } },
  large: { compression: { time: 20, bytes: 25 }, load: { rate: '20MB/s', blocks: 4 } },
  busy: {
    compression: { time: 20, bytes: 200 },
    load: { rate: '105MB/s', blocks: 14 },
    set: { 'ingester.flush_check_period': '2s' },
  },
};
