import { expect, it } from 'vitest';
import { s3ErrorDocument } from './s3-error-document.ts';

it('is the document of S3, with what XML does not allow escaped', () => {
  const document = s3ErrorDocument({ code: 'SlowDown', message: 'a < b & c', resource: '/b/"k"', requestId: '1' });
  expect(document).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>SlowDown</Code><Message>a &lt; b &amp; c</Message>' +
      '<Resource>/b/&quot;k&quot;</Resource><RequestId>1</RequestId></Error>',
  );
});
