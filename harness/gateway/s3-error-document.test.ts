import { expect, it } from 'vitest';
import { s3ErrorElement } from './s3-error-document.ts';

it('is the document of S3, with what XML does not allow escaped', () => {
  const document = s3ErrorElement({ code: 'SlowDown', message: 'a < b & c', resource: '/b/"k"', requestId: '1' });
  expect(document).toBe(
    '<Error><Code>SlowDown</Code><Message>a &lt; b &amp; c</Message>' +
      '<Resource>/b/&quot;k&quot;</Resource><RequestId>1</RequestId></Error>',
  );
});

it('has what else an error says between its message and its resource', () => {
  const more = { Endpoint: 'b.s3.eu-west-1.amazonaws.com', Note: '<&>' };
  const document = s3ErrorElement({ code: 'C', message: 'M', elements: more, resource: '/b', requestId: '1' });
  expect(document).toBe(
    '<Error><Code>C</Code><Message>M</Message><Endpoint>b.s3.eu-west-1.amazonaws.com</Endpoint><Note>&lt;&amp;&gt;</Note>' +
      '<Resource>/b</Resource><RequestId>1</RequestId></Error>',
  );
});
