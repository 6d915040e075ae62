import { describe, expect, it } from 'vitest';
import { faultNamed, faultNames } from '../faults/catalogue.ts';
import { exampleSettings } from './example-settings.ts';
import { agree, repertoire } from './repertoire.ts';

const plain = exampleSettings();
const namesOf = (...asked: Parameters<typeof repertoire>) =>
  repertoire(...asked).drawable.map(({ fault }) => fault.name);
const whyNot = (fault: string, ...asked: Parameters<typeof repertoire>) =>
  repertoire(...asked).leftOut.find((one) => one.fault === fault)?.why;

describe('the faults that can be drawn', () => {
  it('are all of the catalogue, but for those that are told of', () => {
    const { drawable, leftOut } = repertoire(plain, {});
    const names = [...drawable.map(({ fault }) => fault.name), ...leftOut.map(({ fault }) => fault)];
    expect(names.sort()).toEqual([...faultNames].sort());
    expect(leftOut.map(({ fault }) => fault)).toEqual([
      'slow-close',
      'tls-handshake',
      'tls-certificate',
      'dns-slow',
      'disk-full',
      'power-loss',
    ]);
    for (const { ways } of drawable) expect(ways.length).toBeGreaterThan(0);
  });

  it('are those of TLS too, over TLS', () => {
    expect(whyNot('tls-handshake', plain, {})).toContain('plain HTTP');
    expect(namesOf(exampleSettings('storage.trace.s3.insecure=false'), {})).toContain('tls-handshake');
  });

  it('are those that show with a setting, when the config has it', () => {
    expect(whyNot('dns-slow', plain, {})).toContain('policy.keepAlive=false');
    expect(namesOf(exampleSettings('policy.keepAlive=false'), {})).toContain('dns-slow');
  });

  it('are not one that no config survives, unless it is asked for', () => {
    expect(whyNot('power-loss', plain, {})).toContain('--faults power-loss');
    expect(namesOf(plain, { only: ['power-loss', 'latency'] })).toEqual(['latency', 'power-loss']);
  });

  it('are not in the ways of which it is known that data is lost', () => {
    const waysOf = (fault: string, ...asked: Parameters<typeof repertoire>) =>
      repertoire(...asked)
        .drawable.find((one) => one.fault.name === fault)
        ?.ways.map((way) => way.with);
    expect(waysOf('disk-error', plain, {})).toEqual([faultNamed('disk-error').demonstrations[0].timeline[0]?.with]);
    expect(waysOf('disk-error', plain, { only: ['disk-error'] })).toHaveLength(2);
    // Over TLS the body is not signed, and what is corrupted on the way is kept.
    expect(waysOf('corrupt-body', plain, {})).toHaveLength(2);
    expect(waysOf('corrupt-body', exampleSettings('storage.trace.s3.insecure=false'), {})).toHaveLength(1);
  });

  it('are not those that the environment cannot have, and it is said why', () => {
    const lacks = { limitedDisk: 'no root: run as root' };
    expect(whyNot('server-disk-full', plain, { lacks })).toContain('no root: run as root');
    expect(namesOf(plain, { lacks })).toContain('server-down');
  });
});

describe('what a way asks of the load', () => {
  const asks = (fault: string) => repertoire(plain, {}).drawable.find((one) => one.fault.name === fault)?.ways[0]?.asks;

  it('is that of its demonstration', () => {
    expect(asks('rolling-restart')).toEqual({ writers: 2, processes: 2 });
    expect(asks('no-such-upload')).toEqual({ writers: 1, processes: 1, parts: true });
    expect(asks('s3-error')).toEqual({ writers: 1, processes: 1, parts: false });
  });

  it('agrees with what another asks, unless one is of parts and the other must not be', () => {
    const [any, parts, whole] = [asks('latency'), asks('no-such-upload'), asks('s3-error')];
    if (!any || !parts || !whole) throw new Error('no ways');
    expect([agree(any, parts), agree(whole, any), agree(parts, whole)]).toEqual([true, true, false]);
  });
});
