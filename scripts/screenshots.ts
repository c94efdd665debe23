/**
 * Takes the pictures of the README from the sample capture: docs/images/traffic-light.png and -dark.png.
 * Run with `node_modules/.bin/node scripts/screenshots.ts` after `npm run build:web`.
 */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SAMPLE } from '../e2e/support/command.ts';
import { launchBrowser, Stage } from '../e2e/support/page.ts';

const FOLDER = fileURLToPath(new URL('../docs/images/', import.meta.url));
/** A call that failed and was answered with words. */
const SHOWN = 'POST /api/orders';

mkdirSync(FOLDER, { recursive: true });
const browser = await launchBrowser();
const stage = await Stage.open('file');
try {
  await stage.read(SAMPLE);
  const { page } = await stage.page(browser);
  await page.locator('.er').first().waitFor();
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await page.locator('.er.r-server_error', { hasText: SHOWN }).last().click();
    await page.locator('.half-body .json').first().waitFor();
    // The pointer leaves: no value shows its buttons.
    await page.mouse.move(0, 0);
    await page.screenshot({ path: `${FOLDER}traffic-${theme}.png` });
  }
} finally {
  await stage.close();
  await browser.close();
}
