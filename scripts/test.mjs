// `npm test`: installs what the tests need, runs every check, and ends with one line of counts. Runs on Node 20 or newer.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

process.chdir(new URL('..', import.meta.url).pathname);

/** Debian packages the tests use, by a file that shows that they are there. */
const PACKAGES = {
  chromium: '/usr/bin/chromium',
  'nginx-light': '/usr/sbin/nginx',
  'dnsmasq-base': '/usr/sbin/dnsmasq',
  'bind9-dnsutils': '/usr/bin/dig',
  curl: '/usr/bin/curl',
  iproute2: ['/usr/sbin/ip', '/sbin/ip', '/bin/ip'],
  nftables: '/usr/sbin/nft',
  tcpdump: '/usr/bin/tcpdump',
};

function installPackages() {
  const missing = Object.entries(PACKAGES)
    .filter(([, files]) => ![files].flat().some((file) => existsSync(file)))
    .map(([name]) => name);
  if (missing.length === 0) return;
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.log(`Not installed, so tests that need them are skipped: ${missing.join(', ')}`);
    return;
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit', env });
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env,
  });
}

function installModules() {
  const marker = 'node_modules/.package-lock.json';
  if (existsSync(marker) && existsSync('node_modules/.bin/vitest')) return;
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { stdio: 'inherit' });
}

const total = { passed: 0, failed: 0, skipped: 0 };

/** A check that passes or fails as one. */
function check(name, script) {
  const started = Date.now();
  const { status } = spawnSync('npm', ['run', '--silent', script], { stdio: 'inherit' });
  const ok = status === 0;
  total[ok ? 'passed' : 'failed']++;
  console.log(`${ok ? 'ok' : 'FAILED'}  ${name}  (${((Date.now() - started) / 1000).toFixed(1)} s)`);
}

/** A vitest project, counted test by test. */
function tests(name, ...args) {
  const folder = mkdtempSync(join(tmpdir(), 'kubeshark-test-'));
  const report = join(folder, 'report.json');
  const { status } = spawnSync(
    'npx',
    [
      'vitest',
      'run',
      '--project',
      name,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...args,
    ],
    { stdio: 'inherit' },
  );
  let counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
  if (existsSync(report)) counts = JSON.parse(readFileSync(report, 'utf8'));
  rmSync(folder, { recursive: true });
  total.passed += counts.numPassedTests;
  total.failed += counts.numFailedTests;
  total.skipped += counts.numPendingTests + counts.numTodoTests;
  // A suite that could not even load fails the run although no test of it was counted.
  if (status !== 0 && counts.numFailedTests === 0) total.failed++;
  if (counts.numPassedTests === 0) {
    console.log(`FAILED  ${name}: no test ran`);
    total.failed++;
  }
}

installPackages();
installModules();
check('types', 'types');
check('lint', 'lint');
check('format', 'format:check');
tests('unit');
check('page builds', 'build:web');
tests('e2e');
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 ? 0 : 1);
