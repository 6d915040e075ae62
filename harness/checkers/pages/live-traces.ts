import { processEvent, push, walPage } from '../example-history.ts';
import { exampleRun, steadyPushed } from './example-run.ts';
import type { CheckerPage } from './page.ts';

export const liveTracesPage: CheckerPage = {
  details: `
Tempo acknowledges a push when its spans are in memory. They get into a page of the WAL when their trace has been idle for \`trace_idle_period\` (10 s) or live for \`trace_live_period\`. A process that ends in between takes them with it; Tempo promises nothing about them, and counts nothing. The replicas of a distributor's write are for that, as far as they are other processes.

Without \`expect.liveTracesLost\` the amount is told and not judged. With it, more than that is a fail.`,
  reads: {
    push: 'bytes acknowledged',
    'wal.page': 'bytes that the WAL has',
    'block.cut': 'the data of blocks',
    'block.dropped': 'blocks given up before they were cut',
    'data.lost': 'what was declared to have gone with a process',
    'writer.process': 'the kills and the stops',
    'final.wal': 'what is in the WAL when the run is over',
  },
  example: exampleRun({
    about: 'A process is killed with 4kB of live traces in memory, where the scenario allows 1kB.',
    expect: { liveTracesLost: 1_000 },
    events: [push(400, 5_000, 5_000), walPage('a', 500, 1, 1_000), processEvent('killed', 600)],
    beside: [
      ...steadyPushed(),
      processEvent('restarted', 700),
      { t: 8_999, type: 'final.wal', writer: 'ingester-0', block: 'a', bytes: 1_000 },
    ],
  }),
  limits: [
    'What was live at a kill is known from the last push before it and the pages since: a page that was closed and not told of counts as saved only because its block has it.',
    "It is one writer's loss. Whether another replica has the same spans is not modelled.",
    'Compressed, there are fewer bytes for the same time: the amount is told with the compression undone, and holds for the rate of the scenario.',
  ],
};
