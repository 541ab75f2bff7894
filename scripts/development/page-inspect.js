// SPDX-License-Identifier: MIT
//
// page-inspect.js: the questions page-check.js asks inside a page. Each function is sent there alone,
// so it uses nothing from outside of itself; its answer is plain data.
'use strict';

// What is too wide, and drawings without a text. A region that scrolls by itself may be wider inside,
// not on paper, where nothing scrolls.
function layout(within) {
  const findings = [];
  const root = document.documentElement;
  const isPrinted = matchMedia('print').matches;
  const isVisible = (element) => element.getClientRects().length > 0;
  const textOf = (ids) => ids.split(' ').map((id) => document.getElementById(id)?.textContent ?? '')
    .join(' ').trim();

  if (!isPrinted && (root.scrollWidth > root.clientWidth || document.body.scrollWidth > root.clientWidth))
    findings.push(`the page is ${root.scrollWidth} px wide, the window ${root.clientWidth}`);
  const wide = new Set();
  for (const element of document.querySelectorAll(`${within} *`)) {
    const box = element.getBoundingClientRect();
    const scrolls = element.closest('.scroll, .drawing, .series');
    if (box.right <= root.clientWidth + 1 || box.width <= 1 || !isVisible(element) ||
        element.closest('svg svg, svg *, .hidden') || (scrolls && !isPrinted))
      continue;
    wide.add(element);
    if (!wide.has(element.parentElement))
      findings.push(`<${element.localName} class="${element.className.baseVal ?? element.className}">` +
        ` ends at ${Math.round(box.right)} px: "${element.textContent.trim().slice(0, 40)}"`);
  }
  for (const drawing of document.querySelectorAll('body svg, body img, body canvas')) {
    const text = drawing.alt ?? drawing.getAttribute('aria-label') ??
      textOf(drawing.getAttribute('aria-labelledby') ?? '');
    if (isVisible(drawing) && !drawing.closest('[aria-hidden=true]') && text.length < 20)
      findings.push(`a drawing has "${text}" in its place (figure ${drawing.closest('figure')?.id})`);
  }
  return findings;
}

// Words in a drawing that its edge cuts off, or that stand on each other.
function drawingTexts() {
  const findings = [];
  // Boxes are as high as the tallest letters, which lines that follow closely do not have.
  const touch = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;

  for (const drawing of document.querySelectorAll('figure svg')) {
    const frame = drawing.getBoundingClientRect();
    const where = `figure ${drawing.closest('figure').id}`;
    const texts = [...drawing.querySelectorAll('text')]
      .map((text) => ({ words: text.textContent.trim().replace(/\s+/g, ' '), box: text.getBoundingClientRect() }))
      .filter(({ words, box }) => words && box.width > 0);
    texts.forEach(({ words, box }, i) => {
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 ||
          box.bottom > frame.bottom + 1)
        findings.push(`${where}: "${words}" is cut off`);
      for (const other of texts.slice(i + 1)) {
        if (touch(box, other.box))
          findings.push(`${where}: "${words}" and "${other.words}" overlap`);
      }
    });
  }
  return findings;
}

// Text above a bar is read against the bar.
function barContrast() {
  const findings = new Set();
  const paper = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const channels = (colour) => {
    paper.fillStyle = colour;
    paper.fillRect(0, 0, 1, 1);
    return [...paper.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  // Relative luminance and contrast as WCAG 2.1 defines them.
  const luminance = (colour) => channels(colour)
    .map((byte) => byte / 255)
    .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const contrast = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };

  for (const cell of document.querySelectorAll('td.bar')) {
    const style = getComputedStyle(cell);
    for (const name of cell.matches('.cpu') ? ['--bar', '--bar-strong'] : ['--bar']) {
      const ground = style.getPropertyValue(name).trim();
      const value = contrast(style.color, ground);
      if (value < 4.5)
        findings.add(`${style.color} above a bar of ${ground}: contrast ${value.toFixed(2)}`);
    }
  }
  return [...findings];
}

// Everything somebody without a mouse must be able to come to, opened and numbered.
function markKeyboardTargets() {
  for (const details of document.querySelectorAll('details'))
    details.open = true;
  const targets = [...document.querySelectorAll('main button, main a[href], main summary, .scroll')]
    .filter((element) => element.getClientRects().length > 0);
  document.activeElement?.blur();
  scrollTo(0, 0);
  return targets.map((element, index) => {
    element.dataset.target = index;
    return {
      id: String(index),
      name: `<${element.localName}> "${element.textContent.trim().slice(0, 30)}"`,
    };
  });
}

// Where the focus is, and whether one can see that; null at the end of the page.
function focused() {
  const element = document.activeElement;
  if (!element || element === document.body || element === document.documentElement)
    return null;
  element.dataset.target ??= `other ${document.querySelectorAll('[data-target^=other]').length}`;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const isMarked = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  const isInView = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return {
    id: element.dataset.target,
    name: `<${element.localName}> "${element.textContent.trim().slice(0, 30)}"`,
    problem: !isMarked ? 'the focus does not show' : !isInView ? 'the focus is out of sight' : null,
  };
}

// Of a table and a column: what its heading announces and in which order its rows are.
function sortedBy(table, column) {
  const head = table.tHead.rows[0].cells[column];
  const rows = [...table.tBodies[0].rows];
  const values = rows.map((row) => row.cells[column].dataset.v ?? row.cells[column].textContent.trim())
    .filter((text) => text !== '')
    .map((text) => isNaN(text) ? text : Number(text));
  const compare = (a, b) => typeof a === 'number' && typeof b === 'number'
    ? a - b : String(a).localeCompare(String(b));
  const isInOrder = (sign) => values.every((value, i) => i === 0 ||
    sign * compare(values[i - 1], value) <= 0);
  return {
    heading: head.querySelector('button').textContent.trim(),
    announced: head.getAttribute('aria-sort'),
    isSorted: { ascending: isInOrder(1), descending: isInOrder(-1) },
    differ: new Set(values).size > 1,
    order: rows.map((row) => row.textContent).join('\n'),
  };
}

function seriesMarksVisible() {
  return [...document.querySelectorAll('figure svg [data-series]:not(text)')]
    .filter((mark) => getComputedStyle(mark).visibility === 'visible').length;
}

// Of a page laid out for paper, `height` CSS pixels high; the figures that go there are `within`.
function print({ within, height: paperHeight }) {
  const findings = [];
  const isVisible = (element) => element.getClientRects().length > 0;
  const ground = getComputedStyle(document.body).backgroundColor;

  if (!['rgb(255, 255, 255)', 'rgba(0, 0, 0, 0)'].includes(ground))
    findings.push(`the ground is ${ground}`);
  for (const button of document.querySelectorAll('button')) {
    if (isVisible(button))
      findings.push(`a button is printed: "${button.textContent.trim()}"`);
  }
  for (const table of document.querySelectorAll('table')) {
    if (getComputedStyle(table.tHead).display !== 'table-header-group')
      findings.push('the headings of a table are not repeated');
  }
  for (const figure of document.querySelectorAll(`${within} figure`)) {
    const height = Math.round(figure.getBoundingClientRect().height);
    if (getComputedStyle(figure).breakInside !== 'avoid')
      findings.push(`figure ${figure.id} may be cut in two`);
    else if (height > paperHeight)
      findings.push(`figure ${figure.id} is ${height} px high, the paper ${paperHeight}`);
  }
  return findings;
}

module.exports = {
  layout, drawingTexts, barContrast, markKeyboardTargets, focused, sortedBy, seriesMarksVisible, print,
};
