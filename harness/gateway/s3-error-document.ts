/** The XML document that S3 answers an error with. Source: S3's API reference, "Error responses". */

export interface S3ErrorDocument {
  code: string;
  message: string;
  /** More elements: name and text. */
  elements?: Record<string, string> | undefined;
  /** The path of the request. */
  resource: string;
  requestId: string;
}

/** Before the document, and before the white space that may come ahead of it. */
export const xmlDeclaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] as string);
}

/** The element `<Error>`, without the declaration. */
export function s3ErrorElement({ code, message, elements = {}, resource, requestId }: S3ErrorDocument): string {
  const more = Object.entries(elements).map(([name, text]) => `<${name}>${escaped(text)}</${name}>`);
  return (
    `<Error><Code>${escaped(code)}</Code><Message>${escaped(message)}</Message>${more.join('')}` +
    `<Resource>${escaped(resource)}</Resource><RequestId>${escaped(requestId)}</RequestId></Error>`
  );
}
