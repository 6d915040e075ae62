/**
 * The parts of an object's key, `<prefix>/<tenant>/<block>/<name>`. Every checker asks for those of the same event, and to cut the key and to
 * hash its parts each time adds up: so the parts of the last key are kept.
 */
interface Parts {
  /** With its slash. */
  folder: string;
  /** The name of the folder. */
  block: string;
  name: string;
}

let lastKey = '';
let last: Parts = partsOf('');

/** The folder that the object is in, with its slash. */
export function folderOf(key: string): string {
  return lookUp(key).folder;
}

/** The name of that folder: of an object of a block, the block's id. */
export function blockOf(key: string): string {
  return lookUp(key).block;
}

/** The part of the key below its block's folder: `bloom-0`. */
export function objectName(key: string): string {
  return lookUp(key).name;
}

function lookUp(key: string): Parts {
  if (key !== lastKey) {
    lastKey = key;
    last = partsOf(key);
  }
  return last;
}

function partsOf(key: string): Parts {
  const end = key.lastIndexOf('/');
  return {
    folder: key.slice(0, end + 1),
    block: key.slice(key.lastIndexOf('/', end - 1) + 1, Math.max(0, end)),
    name: key.slice(end + 1),
  };
}
