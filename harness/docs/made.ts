/** The documents that are made from the code. */
import { stringify } from 'yaml';
import { faults } from '../faults/catalogue.ts';
import { controlApiDocument } from '../up/openapi.ts';
import { faultIndex } from './fault-index.ts';
import { faultPage } from './fault-page.ts';
import { settingsPage } from './settings-page.ts';

const made = '# Made from harness/up/ and harness/faults/ by `npm run docs`: change it there.\n';

/** By their path below docs/. */
export function madeDocuments(): Map<string, string> {
  return new Map([
    ...faults.map((fault) => [`faults/${fault.name}.md`, faultPage(fault)] as const),
    ['faults/README.md', faultIndex(faults)],
    ['settings.md', settingsPage()],
    ['control-api.yaml', `${made}${stringify(controlApiDocument(), { aliasDuplicateObjects: false, lineWidth: 120 })}`],
  ]);
}
