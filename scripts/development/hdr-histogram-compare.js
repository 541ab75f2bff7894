// SPDX-License-Identifier: MIT
//
// hdr-histogram-compare.js EXAMPLE: reads every line that histogram_codec_example prints with
// hdr-histogram-js, both the JavaScript and the WebAssembly one, and compares; then has the
// JavaScript one encode what it read, and our decoder read that. The tables and the log of each are
// held against its own table and log reader. check-hdr-histogram runs it.
'use strict';

const { execFileSync } = require('node:child_process');
const hdr = require('hdr-histogram-js');
const formats = require('./hdr-histogram-formats.js');

// The same sum in another order differs in the last few of 53 bits.
const RELATIVE_ERROR_MAX = 1e-12;
const OUTPUT_SIZE_MAX = 64 << 20;
// The JavaScript one finds a bucket by floor(log2(value)). From 2^49 - 1 on, log2(2^k - 1) is k in a
// double, so that the last value of a bucket counts as one of the next, and means are a little off.
const LOG2_EXACT_MAX = 2 ** 48;

const failures = [];
let comparisons = 0;

function check(where, what, ours, theirs, isSame = ours === theirs) {
  comparisons++;
  if (!isSame)
    failures.push(`${where}: ${what}: ours ${ours}, theirs ${theirs}`);
}

function isClose(a, b) {
  return Math.abs(a - b) <= RELATIVE_ERROR_MAX * Math.max(Math.abs(a), Math.abs(b));
}

function run(example, texts) {
  const output = execFileSync(example, texts, { encoding: 'utf8', maxBuffer: OUTPUT_SIZE_MAX });
  return output.trim().split('\n').map((line) => JSON.parse(line));
}

function compareMoments(where, ours, theirs) {
  check(where, 'mean', ours.mean, theirs.mean, isClose(ours.mean, theirs.mean));
  check(where, 'standard deviation', ours.standard_deviation, theirs.stdDeviation,
    isClose(ours.standard_deviation, theirs.stdDeviation));
}

function comparePercentiles(where, ours, theirs) {
  check(where, 'count', ours.count, theirs.totalCount);
  for (const [percentile, value] of Object.entries(ours.percentiles))
    check(where, `p${percentile}`, value, theirs.getValueAtPercentile(Number(percentile)));
}

function compareCounts(where, ours, theirs) {
  const counts = new Map(ours.counts);

  check(where, 'number of counters', ours.counts_length, theirs.countsArrayLength);
  for (let i = 0; i < theirs.countsArrayLength; i++)
    check(where, `counter ${i}`, counts.get(i) ?? 0, theirs.getCountAtIndex(i));
}

// What was known before encoding, against what is left of it after.
function compareExact({ name, exact, read }, theirs) {
  const highest = theirs.getValueAtPercentile(100);
  const lowest = theirs.lowestEquivalentValue(highest);

  if (read.count === 0)
    return;
  check(name, 'exact maximum', exact.max, highest, lowest <= exact.max && exact.max <= highest);
  const error = exact.mean * 10 ** -theirs.numberOfSignificantValueDigits +
    theirs.lowestDiscernibleValue;
  check(name, 'exact mean', exact.mean, theirs.mean, Math.abs(exact.mean - theirs.mean) <= error);
}

// Twice with a tag, once empty without: see histogram_codec_example.c.
function compareLog({ name, read, log, exact }) {
  const where = `${name} (log)`;
  const intervals = formats.readLog(log);
  const header = log.split('\n').find((line) => line.startsWith('#[StartTime: '));
  const startMs = 1000 * Number.parseFloat(header.split(' ')[1]);
  const twice = new Map(read.counts.map(([index, count]) => [index, 2 * count]));

  check(where, 'intervals', intervals.length, 3);
  check(where, 'tags', intervals.map((interval) => interval.tag).join(),
    'twice__in_two,twice__in_two,NO TAG');
  check(where, 'beginnings', intervals.map((each) => each.startTimeStampMsec - startMs).join(),
    '0,1000,2000');
  check(where, 'ends', intervals.map((each) => each.endTimeStampMsec - startMs).join(),
    '998,1998,2250');
  check(where, 'tagged', formats.readLog(log, 'twice__in_two').length, 2);
  formats.compareCountMaps(check, where, twice,
    formats.countsOf(formats.mergeIntervals(intervals)));
  // The line holds the maximum itself, in millionths.
  const max = log.trimEnd().split('\n').at(-2).split(',')[3];
  check(where, 'maximum', max, exact.max / 1e6, Math.abs(max - exact.max / 1e6) <= 0.0005001);
}

hdr.initWebAssemblySync();
const [example] = process.argv.slice(2);
const lines = run(example, []);
for (const line of lines) {
  const js = hdr.decodeFromCompressedBase64(line.text, 64, false);
  const wasm = hdr.decodeFromCompressedBase64(line.text, 64, true);

  comparePercentiles(line.name, line.read, js);
  comparePercentiles(`${line.name} (wasm)`, line.read, wasm);
  compareMoments(`${line.name} (wasm)`, line.read, wasm);
  if (js.maxValue < LOG2_EXACT_MAX)
    compareMoments(line.name, line.read, js);
  compareCounts(line.name, line.read, js);
  compareExact(line, js);
  wasm.destroy();
  if (js.maxValue < LOG2_EXACT_MAX)
    for (const [unit, table] of Object.entries(line.tables))
      formats.compareTable(check, `${line.name} (table in ${unit})`, table, js, Number(unit));
  compareLog(line);

  const [again] = run(example, [hdr.encodeIntoCompressedBase64(js)]);
  check(line.name, 'encoded by theirs, read by ours', JSON.stringify(line.read),
    JSON.stringify(again.read));
}

for (const failure of failures.slice(0, 20))
  console.error(`check-hdr-histogram: ${failure}`);
console.log(`${lines.length} histograms, ${comparisons} comparisons, ${failures.length} differ`);
process.exit(failures.length === 0 && lines.length > 0 ? 0 : 1);
