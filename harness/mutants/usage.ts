/** What --help prints. */

export const mutantsUsage = `Usage: npm run mutants [-- options]

plant bugs, one after another, each to be caught by a named checker

Options:
  --only <name>  this one; may be repeated
  --list         what there is; nothing is run
  --at-once <n>  so many side by side (default: 2)
  --json         print one JSON document (with --list, too)
  --keep         the builds and the histories stay, to be looked into
  --write-docs   write docs/mutants.md, as measured
  -h, --help     this

npm run mutants -- false-alarms runs what has nothing to catch in it; it has
options of its own (false-alarms --help).

Exit code: 0 all were caught as they have to be, 1 one was not, 3 could not run.

Example:
  $ npm run mutants -- --only meta-first --only two-ids
`;

export const falseAlarmsUsage = `Usage: npm run mutants -- false-alarms [options]

run what is healthy or can be survived, through both clients: none may fail

Options:
  --rounds <n>   so many rounds alone (default: all)
  --seed <n>     of the first round (default: 1)
  --at-once <n>  scenarios side by side (default: 8)
  --json         print one JSON document
  --keep         the histories stay, to be looked into
  --write-docs   write docs/false-alarms.md, as measured
  -h, --help     this

Exit code: 0 no false alarm, 1 one at least, 3 could not run.

Example:
  $ npm run mutants -- false-alarms --rounds 1 --at-once 2
`;
