/**
 * Reads the XML that S3 answers with: elements and text. Attributes, comments and the declaration are passed over; a document
 * type is refused (S3 sends none, and entities of one's own are how XML bites).
 */

export interface XmlElement {
  name: string;
  children: XmlElement[];
  /** The text directly inside. */
  text: string;
}

const token =
  /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\/([^\s>]+)\s*>|<([^\s/>!?]+)((?:\s+[^\s=>/]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/y;
const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** @throws Error when the text is not one well-formed element. */
export function parseXml(text: string): XmlElement {
  const document: XmlElement = { name: '', children: [], text: '' };
  const open = [document];
  token.lastIndex = 0;
  let at = 0;
  while (at < text.length) {
    const [whole, cdata, closing, opening, , selfClosing, characters] =
      token.exec(text) ?? refuse(`"${text.slice(at, at + 20)}"`, at);
    const inside = open.at(-1) as XmlElement;
    if (opening !== undefined) {
      const element = { name: opening, children: [], text: '' };
      inside.children.push(element);
      if (!selfClosing) open.push(element);
    } else if (closing !== undefined) {
      if (closing !== inside.name) refuse(`</${closing}> inside <${inside.name}>`, at);
      open.pop();
    } else if (cdata !== undefined) {
      inside.text += cdata;
    } else if (characters !== undefined) {
      inside.text += unescaped(characters, at);
    }
    at += whole.length;
  }
  if (open.length > 1) refuse(`an end inside <${open.at(-1)?.name}>`, at);
  const [root] = document.children;
  if (!root || document.children.length > 1 || document.text.trim() !== '')
    refuse('something else than one element', 0);
  return root as XmlElement;
}

/** The text of the first child of that name, or `undefined`. */
export function childText(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text;
}

/** What an S3 error document says, or `undefined` if the text is not one. `region`: where the bucket is, if it says so. */
export function readErrorDocument(text: string): { code: string; message: string; region?: string } | undefined {
  let root: XmlElement;
  try {
    root = parseXml(text);
  } catch {
    return undefined;
  }
  const code = childText(root, 'Code');
  if (root.name !== 'Error' || !code) return undefined;
  const region = childText(root, 'Region');
  return { code, message: childText(root, 'Message') ?? '', ...(region && { region }) };
}

/** `text` as the content of an element. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] as string);
}

function unescaped(text: string, at: number): string {
  return text.replace(/&([^;\s]*);?/g, (whole, name: string) => {
    const number = /^#(?:x([0-9a-f]+)|(\d+))$/i.exec(name);
    const point = number ? Number.parseInt((number[1] ?? number[2]) as string, number[1] ? 16 : 10) : undefined;
    if (point !== undefined && point <= 0x10ffff) return String.fromCodePoint(point);
    const character = Object.hasOwn(entities, name) ? entities[name] : undefined;
    return whole.endsWith(';') && character !== undefined ? character : refuse(whole, at);
  });
}

function refuse(what: string, at: number): never {
  throw new Error(`XML: ${what} at ${at} is not what S3 answers`);
}
