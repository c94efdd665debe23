// `npm test`: installs what the tests need, runs every check, and ends with one line of counts. Runs on Node 20 or newer.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

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

/** What failed, and what passed at its second try only: said again at the end, where thousands of lines do not hide it. */
const failures = [];
const secondTries = [];

/** A check that passes or fails as one. */
function check(name, script) {
  const started = Date.now();
  const { status } = spawnSync('npm', ['run', '--silent', script], { stdio: 'inherit' });
  const ok = status === 0;
  total[ok ? 'passed' : 'failed']++;
  if (!ok) failures.push(name);
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
  let counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
  if (existsSync(report)) counts = JSON.parse(readFileSync(report, 'utf8'));
  rmSync(folder, { recursive: true });
  total.passed += counts.numPassedTests;
  total.failed += counts.numFailedTests;
  total.skipped += counts.numPendingTests + counts.numTodoTests;
  for (const file of counts.testResults) {
    for (const test of file.assertionResults) {
      if (test.failureMessages.length === 0) continue;
      const [words] = test.failureMessages.at(-1).split('\n');
      const told = `${relative(process.cwd(), file.name)} > ${test.fullName}: ${words}`;
      (test.status === 'passed' ? secondTries : failures).push(told);
    }
    // A suite whose file does not load, or whose set-up fails, has a message of its own.
    if (file.message !== '')
      failures.push(`${relative(process.cwd(), file.name)}: ${file.message.split('\n')[0]}`);
  }
  // Such a suite fails the run although no test of it was counted.
  if (status !== 0 && counts.numFailedTests === 0) total.failed++;
  if (counts.numPassedTests === 0) {
    failures.push(`${name}: no test ran`);
    total.failed++;
  }
}

installPackages();
installModules();
check('types', 'types');
check('lint', 'lint');
check('format', 'format:check');
tests('unit');
tests('integration');
check('page builds', 'build:web');
tests('e2e');
// e2e/cluster/setup.ts says which cluster that is.
const startsCluster = process.getuid?.() === 0 && existsSync('../shared/cluster/up');
if (process.env.TEST_KUBECONFIG || startsCluster) tests('cluster');
else console.log('No cluster: TEST_KUBECONFIG names one for the tests of a cluster.');
for (const told of secondTries) console.log(`passed at the second try: ${told}`);
for (const told of failures) console.log(`FAILED  ${told}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 ? 0 : 1);
