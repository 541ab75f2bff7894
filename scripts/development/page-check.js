// SPDX-License-Identifier: MIT
//
// page-check.js BROWSER SCREENSHOTS PAGE…: what check-page promises, which runs it. SCREENSHOTS is a
// folder, or empty. What runs inside the page is in page-inspect.js.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { chromium } = require('playwright-core');
const inspect = require('./page-inspect.js');

const AXE = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
const NODES_SHOWN_MAX = 5;
const PAGE_SIZE_MAX = 3e6;
const SCHEMES = ['light', 'dark'];
const WIDTHS = [390, 1280, 2560];
const WINDOW_HEIGHT = 900;
// A4 less the margins of page.css, 273 by 186 mm, in CSS pixels, and what is printed which way round.
const PAPERS = [
  { within: 'main > section:not(#charts)', width: 1031, height: 703 },
  { within: '#charts', width: 703, height: 1031 },
];
// Chromium draws no picture higher than 16,384 pixels; shorter ones can be looked at.
const SLICE_HEIGHT = 2000;
const TAB_STOPS_MAX = 2000;

class Report {
  constructor(file) {
    this.file = file;
    this.findings = 0;
  }

  add(how, what) {
    this.findings++;
    console.log(`${this.file}: ${how}: ${what}`);
  }
}

async function runAxe(page, report, how) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(
    (tags) => axe.run(document, { runOnly: tags, resultTypes: ['violations'] }), AXE_TAGS);

  for (const { id, help, nodes } of violations) {
    for (const node of nodes.slice(0, NODES_SHOWN_MAX)) {
      const why = [...node.any, ...node.all, ...node.none].map((check) => check.message).join('; ');
      report.add(how, `${id}: ${help}\n    ${node.target.join(' ')}: ${why}`);
    }
    if (nodes.length > NODES_SHOWN_MAX)
      report.add(how, `${id}: ${nodes.length - NODES_SHOWN_MAX} more`);
  }
}

// What the keyboard comes by, from the top of the page to its end.
async function checkTabStops(page, report, how) {
  const wanted = await page.evaluate(inspect.markKeyboardTargets);
  const reached = new Set();

  for (let i = 0; i < TAB_STOPS_MAX; i++) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(inspect.focused);
    if (!stop || reached.has(stop.id))
      break;
    reached.add(stop.id);
    if (stop.problem)
      report.add(how, `${stop.name}: ${stop.problem}`);
  }
  for (const { id, name } of wanted) {
    if (!reached.has(id))
      report.add(how, `Tab does not reach ${name}`);
  }
}

async function checkSorting(page, report, how) {
  const tables = page.locator('table.sortable');

  for (let i = 0; i < await tables.count(); i++) {
    const buttons = tables.nth(i).locator('thead button');
    if (await buttons.count() === 0)
      report.add(how, `table ${i + 1} has no buttons to sort by`);
    for (let column = 0; column < await buttons.count(); column++) {
      const orders = [];

      for (const direction of ['ascending', 'descending']) {
        await buttons.nth(column).focus();
        await page.keyboard.press('Enter');
        const state = await tables.nth(i).evaluate(inspect.sortedBy, column);
        orders.push(state.order);
        if (state.announced !== direction)
          report.add(how, `table ${i + 1}, "${state.heading}": aria-sort is ${state.announced}, ` +
            `not ${direction}`);
        if (!state.isSorted[direction])
          report.add(how, `table ${i + 1}, "${state.heading}": rows are not ${direction}`);
        if (direction === 'descending' && state.differ && orders[0] === orders[1])
          report.add(how, `table ${i + 1}, "${state.heading}": Enter changes nothing`);
      }
    }
  }
}

// Each button is pressed twice: what it says must be what is to be seen.
async function checkSeries(page, report, how) {
  const buttons = page.locator('button[aria-pressed]');
  const drawings = await page.locator('figure svg').count();
  let hidden = 0;

  if (drawings > 0 && await buttons.count() === 0)
    report.add(how, 'no series can be hidden');
  for (let i = 0; i < await buttons.count(); i++) {
    const name = await buttons.nth(i).textContent();
    const pressed = () => buttons.nth(i).getAttribute('aria-pressed');
    const visible = () => page.evaluate(inspect.seriesMarksVisible);
    const before = await visible();

    await buttons.nth(i).focus();
    await page.keyboard.press('Enter');
    if (await pressed() !== 'false')
      report.add(how, `"${name}": Enter does not say that the series is hidden`);
    hidden += before - await visible();
    await page.keyboard.press('Enter');
    if (await pressed() !== 'true' || await visible() !== before)
      report.add(how, `"${name}": a second Enter does not bring the series back`);
  }
  if (await buttons.count() > 0 && hidden === 0)
    report.add(how, 'the buttons of the series hide nothing');
}

async function shoot(page, folder, name) {
  const size = await page.evaluate(() => ({
    width: document.documentElement.clientWidth,
    height: document.documentElement.scrollHeight,
  }));

  for (let y = 0, part = 1; y < size.height; y += SLICE_HEIGHT, part++) {
    const height = Math.min(SLICE_HEIGHT, size.height - y);
    await page.screenshot({
      path: path.join(folder, `${name}-${String(part).padStart(2, '0')}.png`),
      fullPage: true,
      clip: { x: 0, y, width: size.width, height },
    });
  }
}

async function checkScreen(page, report, how) {
  for (const finding of await page.evaluate(inspect.layout, 'body'))
    report.add(how, finding);
  for (const question of [inspect.drawingTexts, inspect.barContrast]) {
    for (const finding of await page.evaluate(question))
      report.add(how, finding);
  }
  await runAxe(page, report, how);
}

async function checkPrint(page, report, how) {
  await page.emulateMedia({ media: 'print' });
  for (const paper of PAPERS) {
    await page.setViewportSize({ width: paper.width, height: paper.height });
    for (const finding of await page.evaluate(inspect.layout, paper.within))
      report.add(how, finding);
    for (const finding of await page.evaluate(inspect.print, paper))
      report.add(how, finding);
  }
}

// Loads the page with nothing to talk to, and reports what it asks for and complains about.
async function load(browser, url, colorScheme, width, report, how) {
  const context = await browser.newContext({
    colorScheme, offline: true, reducedMotion: 'reduce', viewport: { width, height: WINDOW_HEIGHT },
  });
  const page = await context.newPage();

  page.on('request', (request) => {
    if (request.url() !== url)
      report.add(how, `asks for ${request.url().slice(0, 100)}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error')
      report.add(how, `console: ${message.text()}`);
  });
  page.on('pageerror', (error) => report.add(how, `script: ${error.message}`));
  await page.goto(url);
  return page;
}

async function checkPage(browser, file, folder) {
  const report = new Report(file);
  const url = pathToFileURL(fs.realpathSync(file)).href;
  const base = path.basename(path.dirname(path.resolve(file)));
  const name = base === 'report' ? path.basename(path.resolve(file, '../..')) : base;
  const size = fs.statSync(file).size;

  if (size >= PAGE_SIZE_MAX)
    report.add('file', `${size} bytes, not less than ${PAGE_SIZE_MAX}`);
  for (const scheme of SCHEMES) {
    for (const width of WIDTHS) {
      const how = `${scheme}, ${width} px`;
      const page = await load(browser, url, scheme, width, report, how);

      await checkScreen(page, report, how);
      if (folder)
        await shoot(page, folder, `${name}-${scheme}-${width}`);
      if (scheme === 'light') {
        await checkTabStops(page, report, how);
        await checkSorting(page, report, how);
        await checkSeries(page, report, how);
      }
      await page.context().close();
    }
    const how = `${scheme}, printed`;
    const page = await load(browser, url, scheme, PAPERS[0].width, report, how);
    await checkPrint(page, report, how);
    if (folder && scheme === 'dark')
      await page.pdf({ path: path.join(folder, `${name}-print.pdf`), preferCSSPageSize: true,
        printBackground: true });
    await page.context().close();
  }
  if (report.findings === 0)
    console.log(`${file}: nothing found`);
  return report.findings;
}

async function main([executablePath, folder, ...files]) {
  // Chromium's sandbox does not start for root, and the pages are ours.
  const browser = await chromium.launch({
    executablePath, chromiumSandbox: process.getuid() !== 0,
  });
  let findings = 0;

  try {
    for (const file of files)
      findings += await checkPage(browser, file, folder);
  } finally {
    await browser.close();
  }
  process.exitCode = findings > 0 ? 1 : 0;
}

main(process.argv.slice(2)).catch((error) => {
  console.error(`check-page: ${error.message}`);
  process.exitCode = 1;
});
