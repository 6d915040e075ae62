/** Sentences broken into lines of at most so many columns, each line begun with the same indent. */
import { stripVTControlCharacters } from 'node:util';

/** A word longer than a line (a path, a command) is left whole: broken it could not be copied. */
export function wrap(text: string, columns: number, indent = ''): string {
  const lines: string[] = [];
  for (const paragraph of printable(text).split('\n')) {
    let line = '';
    for (const word of wordsOf(paragraph)) {
      if (line !== '' && indent.length + line.length + 1 + word.length > columns) {
        lines.push(indent + line);
        line = word;
      } else {
        line = line === '' ? word : `${line} ${word}`;
      }
    }
    if (line !== '') lines.push(indent + line);
  }
  return lines.join('\n');
}

/** A number and its unit are one: `8 %` on two lines is misread. */
function wordsOf(paragraph: string): string[] {
  const words: string[] = [];
  for (const word of paragraph.split(/\s+/).filter(Boolean)) {
    const before = words.at(-1);
    if (before !== undefined && /\d$/.test(before) && /^(%|s|min|ms)\W*$/.test(word)) {
      words[words.length - 1] = `${before} ${word}`;
    } else words.push(word);
  }
  return words;
}

/**
 * Without anything that a terminal would obey (line breaks aside): names and messages come from files and from S3 answers.
 */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return stripVTControlCharacters(text).replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, ' ');
}
