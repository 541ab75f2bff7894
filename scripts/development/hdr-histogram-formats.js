// SPDX-License-Identifier: MIT
//
// hdr-histogram-formats.js: logs (.hlog) and tables of percentiles (.hgrm), as hdr-histogram-js has
// them. Differences go to a function check(where, what, ours, theirs, isSame).
'use strict';

const hdr = require('hdr-histogram-js');

const TICKS_PER_HALF = 5;
// printf(3) rounds a tie to even, JavaScript away from zero: the last decimal may differ by one.
const LAST_PLACE_ERROR_MAX = 1.001;
const COUNTER_BITS = 64;

// The intervals of a log in the order they stand there, only those with `tag` when one is given.
function readLog(text, tag) {
  const reader = new hdr.HistogramLogReader(text, COUNTER_BITS);
  const intervals = [];

  for (let next = reader.nextIntervalHistogram(); next; next = reader.nextIntervalHistogram())
    if (tag === undefined || next.tag === tag)
      intervals.push(next);
  return intervals;
}

function emptyLike(histogram) {
  return hdr.build({
    bitBucketSize: COUNTER_BITS,
    lowestDiscernibleValue: histogram.lowestDiscernibleValue,
    highestTrackableValue: histogram.highestTrackableValue,
    numberOfSignificantValueDigits: histogram.numberOfSignificantValueDigits,
  });
}

// All intervals in one; null when there is none.
function mergeIntervals(intervals) {
  if (intervals.length === 0)
    return null;
  const merged = emptyLike(intervals[0]);
  for (const interval of intervals)
    merged.add(interval);
  return merged;
}

// The index and the count of every counter in use.
function countsOf(histogram) {
  const counts = new Map();

  for (let i = 0; i < histogram.countsArrayLength; i++)
    if (histogram.getCountAtIndex(i) > 0)
      counts.set(i, histogram.getCountAtIndex(i));
  return counts;
}

function compareCountMaps(check, where, ours, theirs) {
  for (const index of new Set([...ours.keys(), ...theirs.keys()]))
    check(where, `counter ${index}`, ours.get(index) ?? 0, theirs.get(index) ?? 0);
}

// A table's text as rows of words, and its footer as numbers by name.
function readTable(text) {
  const lines = text.trimEnd().split('\n');
  const rows = lines.slice(2).filter((line) => !line.startsWith('#'))
    .map((line) => line.trim().split(/ +/));
  const footer = {};

  for (const line of lines.filter((each) => each.startsWith('#')))
    for (const [, name, value] of line.matchAll(/([A-Z][A-Za-z ]*?) *= *([-0-9.]+)/g))
      footer[name] = value;
  return { title: lines.slice(0, 2).join('\n'), rows, footer };
}

function isSameButForRounding(a, b) {
  const decimals = (a.split('.')[1] ?? '').length;

  return a === b ||
    (decimals > 0 && Math.abs(Number(a) - Number(b)) <= LAST_PLACE_ERROR_MAX * 10 ** -decimals);
}

// A table against the one that hdr-histogram-js writes of the same histogram.
function compareTable(check, where, text, histogram, unit) {
  const ours = readTable(text);
  const theirs = readTable(histogram.outputPercentileDistribution(TICKS_PER_HALF, unit));
  const rows = Math.min(ours.rows.length, theirs.rows.length);

  check(where, 'title', ours.title, theirs.title);
  check(where, 'number of rows', ours.rows.length, theirs.rows.length);
  for (let i = 0; i < rows; i++) {
    check(where, `columns of row ${i}`, ours.rows[i].length, theirs.rows[i].length);
    for (let j = 0; j < ours.rows[i].length; j++)
      check(where, `row ${i}, column ${j}`, ours.rows[i][j], theirs.rows[i][j],
        isSameButForRounding(ours.rows[i][j], theirs.rows[i][j] ?? ''));
  }
  check(where, 'names in the footer', Object.keys(ours.footer).join(), Object.keys(theirs.footer).join());
  for (const name of ['StdDeviation', 'Total count', 'Buckets', 'SubBuckets'])
    check(where, name, ours.footer[name], theirs.footer[name],
      isSameButForRounding(ours.footer[name], theirs.footer[name]));
  const digits = histogram.numberOfSignificantValueDigits;
  // Theirs adds what is below the resolution once more to a maximum that it has read.
  const excess = Number(theirs.footer.Max) - Number(ours.footer.Max);
  check(where, 'Max', ours.footer.Max, theirs.footer.Max,
    isSameButForRounding(ours.footer.Max, theirs.footer.Max) ||
    (excess > 0 && excess < histogram.lowestDiscernibleValue / unit + 10 ** -digits));
  // Ours is of the values themselves, theirs of the counters they are in.
  const mean = Number(ours.footer.Mean);
  const error = mean * 10 ** -digits + histogram.lowestDiscernibleValue / unit + 10 ** -digits;
  check(where, 'Mean', mean, Number(theirs.footer.Mean),
    Math.abs(mean - Number(theirs.footer.Mean)) <= error);
}

module.exports = {
  COUNTER_BITS, readLog, mergeIntervals, countsOf, compareCountMaps, compareTable,
};
