// The live page in a browser, as people open it while a run trains: wide and narrow, light and dark. Needs Chromium (Debian:
// `apt-get install chromium`, or its path in CHROMIUM) and skips, saying so, where there is none.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import AxeBuilder from '@axe-core/playwright';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder } from './shards.ts';
import { textRun, writeTextShards } from './text-shards.ts';

const program = fileURLToPath(new URL('../../apps/trainer/bin/gristmill-trainer.mjs', import.meta.url));
const executablePath = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));
const views = [1280, 420].flatMap((width) =>
  (['light', 'dark'] as const).map((scheme) => ({ width, scheme })),
);
/** Pictures of the page go here where it is set. */
const pictures = process.env.GRISTMILL_PICTURES;

describe.skipIf(executablePath === undefined)(
  'the live page in Chromium (skipped where there is none: apt-get install chromium)',
  () => {
    let browser: Browser;
    let child: ChildProcess;
    let address: string;
    beforeAll(async () => {
      const folder = makeFolder('live');
      const config = join(folder, 'settings.json');
      // One batch again and again is learned by heart: there is something to say of the fit.
      writeFileSync(
        config,
        JSON.stringify({ ...textRun, steps: 1_000_000, learningRate: 1e-2, minLearningRate: 1e-2 }),
      );
      const place = ['--shards', await writeTextShards(4), '--run', join(folder, 'run'), '--config', config];
      const model = ['--model', 'nanogpt-char-cpu', '--set', 'dropout=0'];
      child = spawn(process.execPath, [program, 'train', ...place, ...model, '--watch', '0']);
      address = await new Promise((resolve, reject) => {
        let said = '';
        child.stderr!.setEncoding('utf8').on('data', (text: string) => {
          said += text;
          const found = /watch it at (http:\S+)/.exec(said);
          if (found && /^overfitting: /m.test(said)) resolve(found[1]);
        });
        child.once('close', () => reject(new Error(said)));
      });
      browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    });
    afterAll(async () => {
      await browser?.close();
      child?.kill('SIGTERM');
    });

    for (const { width, scheme } of views)
      it(`shows the run at ${width} pixels, ${scheme}, and asks for nothing from elsewhere`, async () => {
        const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
        const page = await context.newPage();
        const complaints: string[] = [];
        page.on('pageerror', (error) => complaints.push(String(error)));
        page.on('console', (message) => {
          if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
        });
        page.on('request', (request) => {
          if (!request.url().startsWith(address) && !request.url().startsWith('data:'))
            complaints.push(request.url());
        });
        await page.goto(address);
        await page.getByRole('alert').filter({ hasText: 'overfitting' }).waitFor();
        await page.locator('#sample-list blockquote').first().waitFor();
        await page.locator('#documents tr').first().waitFor();
        expect(await page.locator('.uplot canvas').count()).toBe(4);
        const shown = () => page.locator('#figures dd').first().innerText();
        const before = await shown();
        await expect.poll(shown, { timeout: 10_000 }).not.toBe(before);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
        if (pictures !== undefined) {
          mkdirSync(pictures, { recursive: true });
          await page.screenshot({ path: join(pictures, `live-${width}-${scheme}.png`), fullPage: true });
        }
        expect(complaints).toEqual([]);
        await context.close();
      });
  },
);
