import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childText, escapeXml, parseXml, readErrorDocument } from './xml.ts';

describe('parseXml', () => {
  it('reads elements and their text, and passes over the rest', () => {
    const root = parseXml(
      '<?xml version="1.0" encoding="UTF-8"?>\n<!-- c --><A xmlns="http://x/" y=\'1>\'><B>one</B><C/><B>two<![CDATA[<&>]]></B ></A>\n',
    );
    expect(root).toEqual({
      name: 'A',
      text: '',
      children: [
        { name: 'B', text: 'one', children: [] },
        { name: 'C', text: '', children: [] },
        { name: 'B', text: 'two<&>', children: [] },
      ],
    });
    expect(childText(root, 'B')).toBe('one');
    expect(childText(root, 'D')).toBeUndefined();
  });

  it('reads entities', () => {
    expect(parseXml('<a>&lt;&amp;&gt;&quot;&apos;&#34;&#x1F600;</a>').text).toBe('<&>"\'"😀');
  });

  it.each([
    '',
    'text',
    '<a>',
    '<a></b>',
    '<a/><b/>',
    '<a/>text',
    '</a>',
    '<a>&unknown;</a>',
    '<a>&</a>',
    '<a b></a>',
    '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    '<a>&constructor;</a>',
    '<a>&#x110000;</a>',
  ])('refuses %j', (text) => {
    expect(() => parseXml(text)).toThrow('XML');
  });

  it('gives back any text that was escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseXml(`<k>${escapeXml(text)}</k>`).text).toBe(text);
      }),
    );
  });

  it('either reads or refuses whatever comes, and does not hang', () => {
    const piece = fc.constantFrom(
      '<a>',
      '</a>',
      '<b/>',
      '&amp;',
      '&',
      '<![CDATA[',
      ']]>',
      '<!--',
      '-->',
      '<?',
      '?>',
      ' x="',
      'text',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          parseXml(pieces.join(''));
        } catch (error) {
          expect((error as Error).message).toMatch(/^XML: /);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('readErrorDocument', () => {
  it('reads code and message', () => {
    const text = '<Error><Code>SlowDown</Code><Message>a &amp; b</Message><Resource>/x</Resource></Error>';
    expect(readErrorDocument(text)).toEqual({ code: 'SlowDown', message: 'a & b' });
    expect(readErrorDocument('<Error><Code>X</Code></Error>')).toEqual({ code: 'X', message: '' });
  });

  it.each([
    '',
    '<html><body>502</body></html>',
    '<Error/>',
    '<Error><Code></Code></Error>',
    '<Result><Code>X</Code></Result>',
    '<Err',
  ])('knows none in %j', (text) => expect(readErrorDocument(text)).toBeUndefined());
});
