// The report in a browser, as people open it: wide and narrow, light and dark. Needs Chromium (Debian: `apt-get install
// chromium`, or its path in CHROMIUM) and skips, saying so, where there is none.
import { existsSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestCorpus } from '../corpus/corpora.ts';
import { gristmill } from '../crawl/run-command.ts';
import { makeReportCorpus, places } from './report-corpus.ts';

const executablePath = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));
const views = [1280, 420].flatMap((width) =>
  (['light', 'dark'] as const).map((scheme) => ({ width, scheme })),
);

describe.skipIf(executablePath === undefined)(
  'the report in Chromium (skipped where there is none: apt-get install chromium)',
  () => {
    let corpus: TestCorpus;
    let browser: Browser;
    beforeAll(async () => {
      corpus = await makeReportCorpus();
      const at = places(corpus);
      const { code, stderr } = await gristmill('report', at.corpus, '--run', at.run, '--out', at.page);
      expect(code, stderr).toBe(0);
      browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    });
    afterAll(async () => {
      await browser.close();
      await corpus[Symbol.asyncDispose]();
    });

    async function open(
      width: number,
      scheme: 'light' | 'dark',
    ): Promise<{ page: Page; complaints: string[] }> {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      page.on('request', (request) => {
        if (!/^(?:file|data):/.test(request.url())) complaints.push(request.url());
      });
      page.on('dialog', (dialog) => {
        complaints.push(dialog.message());
        void dialog.dismiss();
      });
      await page.goto(`file://${places(corpus).page}`);
      return { page, complaints };
    }

    const violations = async (page: Page) =>
      (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);

    it.each(views)(
      'at $width in $scheme: nothing to complain of, nothing cut off, axe finds nothing',
      async ({ width, scheme }) => {
        const { page, complaints } = await open(width, scheme);
        expect(await violations(page)).toEqual([]);
        expect(
          await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'),
        ).toBeLessThanOrEqual(0);
        const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
        const [red] = /\d+/.exec(String(background))!;
        expect(Number(red) < 128).toBe(scheme === 'dark');
        expect(complaints).toEqual([]);
        await page.context().close();
      },
    );

    it('draws every chart, and tells its values under the pointer', async () => {
      const { page } = await open(1280, 'light');
      const charts = page.locator('.chart');
      expect(await charts.count()).toBe(6);
      expect(await page.locator('.chart canvas').count()).toBe(6);
      const loss = page.locator('#loss-chart');
      await loss.scrollIntoViewIfNeeded();
      const box = (await loss.boundingBox())!;
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await page.waitForFunction("document.querySelector('#loss-chart').textContent.includes('validation')");
      expect(await loss.textContent()).toMatch(/training\s*4\.\d+/);
      await page.context().close();
    });

    it('opens the explanation of a document, the words that gristmill explain has, and closes it by Escape', async () => {
      const { page } = await open(420, 'dark');
      const button = page.locator('#duplicates [data-explain]').first();
      const id = (await button.getAttribute('data-explain'))!;
      await button.click();
      const dialog = page.locator('dialog');
      expect(await dialog.isVisible()).toBe(true);
      expect(await violations(page)).toEqual([]);
      const shown = await page.locator('#explanation-text').textContent();
      const { lines } = await gristmill('explain', places(corpus).corpus, id, '--json');
      expect(shown!.split('\n')[0]).toBe((lines[0] as { summary: string }).summary);
      await page.keyboard.press('Escape');
      expect(await dialog.isVisible()).toBe(false);
      await page.context().close();
    });
  },
);
