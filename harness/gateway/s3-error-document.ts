/** The XML document that S3 answers an error with. Source: S3's API reference, "Error responses". */

export interface S3ErrorDocument {
  code: string;
  message: string;
  /** The path of the request. */
  resource: string;
  requestId: string;
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] as string);
}

export function s3ErrorDocument({ code, message, resource, requestId }: S3ErrorDocument): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<Error><Code>${escaped(code)}</Code><Message>${escaped(message)}</Message>` +
    `<Resource>${escaped(resource)}</Resource><RequestId>${escaped(requestId)}</RequestId></Error>`
  );
}
