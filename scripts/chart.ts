/** `npm run chart`: writes the Helm chart into deploy/helm/kubeshark. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chart } from '../packages/cli/src/manifests/chart.ts';

const FOLDER = fileURLToPath(new URL('../deploy/helm/kubeshark', import.meta.url));

rmSync(FOLDER, { recursive: true, force: true });
for (const [path, contents] of chart()) {
  mkdirSync(dirname(join(FOLDER, path)), { recursive: true });
  writeFileSync(join(FOLDER, path), contents);
}
