/** The documents that are made from the code. */
import { stringify } from 'yaml';
import { checkers } from '../checkers/catalogue.ts';
import { checkerPages } from '../checkers/pages/catalogue.ts';
import { faults } from '../faults/catalogue.ts';
import { historyJsonSchema } from '../history/schema.ts';
import { controlApiDocument } from '../up/openapi.ts';
import { checkerIndex } from './checker-index.ts';
import { checkerPage } from './checker-page.ts';
import { faultIndex } from './fault-index.ts';
import { faultPage } from './fault-page.ts';
import { historyPage } from './history-page.ts';
import { settingsPage } from './settings-page.ts';

const made = '# Made from harness/up/ and harness/faults/ by `npm run docs`: change it there.\n';

/** Folders below docs/ in which there is nothing else. */
export const madeFolders = ['faults', 'checkers'] as const;

/** By their path below docs/. @throws Error when a checker has no page, or one whose example shows nothing. */
export async function madeDocuments(): Promise<Map<string, string>> {
  const judging = checkers({});
  const pages = judging.map(async (checker) => {
    const page = checkerPages[checker.name];
    if (!page) throw new Error(`docs: the checker ${checker.name} has no page: add one to harness/checkers/pages/`);
    return [`checkers/${checker.name}.md`, await checkerPage(checker, page)] as const;
  });
  return new Map([
    ...(await Promise.all(pages)),
    ['checkers/README.md', checkerIndex(judging)],
    ...faults.map((fault) => [`faults/${fault.name}.md`, faultPage(fault)] as const),
    ['faults/README.md', faultIndex(faults)],
    ['history.md', historyPage()],
    ['history.schema.json', `${JSON.stringify(historyJsonSchema(), null, 2)}\n`],
    ['settings.md', settingsPage()],
    ['control-api.yaml', `${made}${stringify(controlApiDocument(), { aliasDuplicateObjects: false, lineWidth: 120 })}`],
  ]);
}
