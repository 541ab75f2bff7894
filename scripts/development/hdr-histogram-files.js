// SPDX-License-Identifier: MIT
//
// hdr-histogram-files.js: reads the files of a run with hdr-histogram-js and holds them against each
// other. check-hdr-histogram runs it and documents its options. Exit status 0, 1 when something
// differs or cannot be read, 2 when called wrongly.
'use strict';

const fs = require('node:fs');
const hdr = require('hdr-histogram-js');
const formats = require('./hdr-histogram-formats.js');

const PERCENTILES = [50, 99, 99.9];
const OPTIONS = ['--log', '--percentiles', '--trial', '--histogram', '--tag', '--unit'];

function fail(status, message) {
  console.error(`check-hdr-histogram: ${message}`);
  process.exit(status);
}

function readOptions(words) {
  const options = { '--unit': '1e6', '--histogram': 'latency.response.histogram' };

  for (let i = 0; i < words.length; i += 2) {
    if (!OPTIONS.includes(words[i]) || words[i + 1] === undefined)
      fail(2, `no option '${words[i]}', or nothing after it`);
    options[words[i]] = words[i + 1];
  }
  if (!options['--log'] || !(Number(options['--unit']) > 0))
    fail(2, 'needs --log FILE, and a --unit above 0');
  return options;
}

function describe(name, histogram) {
  const unit = Number(options['--unit']);
  const values = PERCENTILES.map((percentile) =>
    `p${percentile} ${(histogram.getValueAtPercentile(percentile) / unit).toFixed(3)}`);

  console.log(`${name}: count ${histogram.totalCount} ${values.join(' ')}`);
}

function checkTrial(check, merged) {
  const trial = JSON.parse(fs.readFileSync(options['--trial'], 'utf8'));
  const path = options['--histogram'].split('.').filter((word) => word !== '');
  const text = path.reduce((value, word) => value?.[word], trial);

  if (typeof text !== 'string')
    fail(1, `${options['--trial']}: nothing at ${options['--histogram']}`);
  const whole = hdr.decodeFromCompressedBase64(text, formats.COUNTER_BITS, false);
  check('log and trial', 'number of counters', merged.countsArrayLength, whole.countsArrayLength);
  check('log and trial', 'count', merged.totalCount, whole.totalCount);
  formats.compareCountMaps(check, 'log and trial', formats.countsOf(merged),
    formats.countsOf(whole));
}

const options = readOptions(process.argv.slice(2));
const failures = [];
let comparisons = 0;

function check(where, what, ours, theirs, isSame = ours === theirs) {
  comparisons++;
  if (!isSame)
    failures.push(`${where}: ${what}: ${ours} and ${theirs}`);
}

try {
  const intervals = formats.readLog(fs.readFileSync(options['--log'], 'utf8'), options['--tag']);
  const merged = formats.mergeIntervals(intervals);

  if (!merged)
    fail(1, `${options['--log']}: no intervals`);
  for (const tag of [...new Set(intervals.map((interval) => interval.tag))].sort())
    describe(tag === 'NO TAG' ? 'no tag' : `tag ${tag}`,
      formats.mergeIntervals(intervals.filter((interval) => interval.tag === tag)));
  describe('merged', merged);
  console.log(`intervals: ${intervals.length}, from ` +
    `${new Date(intervals[0].startTimeStampMsec).toISOString()} to ` +
    `${new Date(intervals[intervals.length - 1].endTimeStampMsec).toISOString()}`);
  if (options['--percentiles'])
    formats.compareTable(check, 'percentiles and log',
      fs.readFileSync(options['--percentiles'], 'utf8'), merged, Number(options['--unit']));
  if (options['--trial'])
    checkTrial(check, merged);
} catch (error) {
  fail(1, error.message ?? error);
}
for (const failure of failures.slice(0, 20))
  console.error(`check-hdr-histogram: ${failure}`);
console.log(`${comparisons} comparisons, ${failures.length} differ`);
process.exit(failures.length === 0 ? 0 : 1);
