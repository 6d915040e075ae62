/**
 * `${VAR}` in a config, expanded before the YAML is read, as Tempo's `-config.expand-env` does (package drone/envsubst): in the
 * raw text, comments and all; an unset variable expands to nothing; an empty one counts as unset; `$${` stands for `${`.
 *
 * 1. Go through the text from `${` to `${`.
 * 2. Note for each piece of the result where in the file it came from, so that an error names the line that the operator sees.
 */

/** A piece of the expanded text: copied, or what a reference expanded to. */
interface Piece {
  at: number;
  length: number;
  from: number;
  fromLength: number;
  copied: boolean;
}

export interface ExpandedText {
  text: string;
  /** Where in the file what starts at `offset` of `text` came from; all of a reference's value comes from its `$`. */
  fileStart(offset: number): number;
  /** The same for an end (excluded): all of a reference's value ends with its `}`. */
  fileEnd(offset: number): number;
  /** Variables without a value and without a default. */
  unset: { name: string; offset: number }[];
  /** References that Tempo would read in another way than their author probably meant, or would not start with. */
  doubtful: { offset: number; message: string }[];
}

interface Reference {
  name: string;
  fallback: string | undefined;
  end: number;
  /** Written `${VAR:text}`. */
  colonOnly: boolean;
}

/** Defaults within defaults, at most. */
const DEEPEST = 20;

/** Expands every reference in `text` with the variables of `env`. */
export function expandEnvironment(text: string, env: NodeJS.ProcessEnv): ExpandedText {
  const pieces: Piece[] = [];
  const unset: ExpandedText['unset'] = [];
  const doubtful: ExpandedText['doubtful'] = [];
  let expanded = '';
  const add = (value: string, from: number, fromLength: number, copied: boolean) => {
    if (value === '' && fromLength === 0) return;
    pieces.push({ at: expanded.length, length: value.length, from, fromLength, copied });
    expanded += value;
  };

  const valueFor = ({ name, fallback }: Reference) => (Object.hasOwn(env, name) && env[name]) || fallback;

  /** The reference whose `$` is at `start`, or undefined if it is malformed. */
  function read(start: number, depth: number): Reference | undefined {
    const [, name, operator] = /^\$\{([A-Za-z0-9_]+)(\}|:[-=?+]|[:=])/.exec(text.slice(start, start + 300)) ?? [];
    if (name === undefined || operator === undefined || depth > DEEPEST) return undefined;
    let at = start + 2 + name.length + operator.length;
    if (operator === '}') return { name, fallback: undefined, end: at, colonOnly: false };
    let fallback = '';
    while (at < text.length && text[at] !== '}') {
      if (text.startsWith('${', at)) {
        const inner = read(at, depth + 1);
        if (!inner) return undefined;
        fallback += valueFor(inner) ?? '';
        at = inner.end;
      } else {
        fallback += text[at++];
      }
    }
    if (at >= text.length) return undefined;
    return { name, fallback, end: at + 1, colonOnly: operator === ':' };
  }

  let at = 0;
  for (;;) {
    const start = text.indexOf('${', at);
    if (start < 0) break;
    if (text[start - 1] === '$' && start > at) {
      add(text.slice(at, start - 1), at, start - 1 - at, true);
      add('${', start - 1, 3, false);
      at = start + 2;
      continue;
    }
    add(text.slice(at, start), at, start - at, true);
    const reference = read(start, 0);
    if (!reference) {
      doubtful.push({
        offset: start,
        message: `Tempo would not start with this reference: it knows \${VAR} and \${VAR:-default}`,
      });
      add('${', start, 2, true);
      at = start + 2;
      continue;
    }
    const { name, fallback, end, colonOnly } = reference;
    const value = valueFor(reference);
    if (value === undefined) unset.push({ name, offset: start });
    // envsubst takes ${VAR:text} for a substring of VAR, and gives the whole of it when the text is not a position.
    if (colonOnly && fallback && value === fallback) {
      doubtful.push({
        offset: start,
        message: `the default of \${${name}:...} is used here, but Tempo itself would expand it to nothing: write \${${name}:-...}`,
      });
    }
    add(value ?? '', start, end - start, false);
    at = end;
  }
  add(text.slice(at), at, text.length - at, true);

  const pieceOf = (holds: (piece: Piece) => boolean) => pieces.find(holds);
  return {
    text: expanded,
    fileStart(offset) {
      const piece = pieceOf(({ at, length }) => at <= offset && offset < at + length);
      if (!piece) return text.length;
      return piece.copied ? piece.from + offset - piece.at : piece.from;
    },
    fileEnd(offset) {
      const piece = pieceOf(({ at, length }) => at < offset && offset <= at + length);
      if (!piece) return 0;
      return piece.copied ? piece.from + offset - piece.at : piece.from + piece.fromLength;
    },
    unset,
    doubtful,
  };
}
