// What a page looks like on paper, as text: one string a sheet.
import { execFileSync } from 'node:child_process';

export async function printed(page) {
  const pdf = await page.pdf({ preferCSSPageSize: true });
  const text = execFileSync(process.env.PDFTOTEXT ?? 'pdftotext', ['-layout', '-', '-'], { input: pdf, encoding: 'utf8', maxBuffer: 1 << 28 });
  return text.split('\f').slice(0, -1);
}
