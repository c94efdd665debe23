/** The Helm chart: every file of it, from the same source as the objects of `kubeshark deploy`. */
import { Document, isMap, isScalar, stringify } from 'yaml';
import { z } from 'zod';
import { VERSION } from '../version.ts';
import { FILES } from './objects.ts';
import { print } from './print.ts';
import { defaultValues, Values } from './values.ts';

const NOTES = `The hub and a worker on each node are starting in namespace {{ .Release.Namespace }}.

Open the page:

  kubeshark proxy --release-namespace {{ .Release.Namespace }}

or without the command:

  kubectl --namespace {{ .Release.Namespace }} port-forward service/kubeshark-hub 8899 &
  kubectl --namespace {{ .Release.Namespace }} create token kubeshark-viewer --audience kubeshark-hub

and put the token behind http://localhost:8899/#token=
{{ if .Values.hub.oidc.issuer }}
Users sign in at {{ .Values.hub.oidc.url }}. Register there, at {{ .Values.hub.oidc.issuer }}, as redirect URL:

  {{ trimSuffix "/" .Values.hub.oidc.url }}/api/v1/sign-in/callback

An Ingress, and a NetworkPolicy that lets it in, are yours to add.
{{ end -}}
{{ if not .Values.hub.storage.size }}
History is kept in the hub's pod and ends with it. To keep it: --set hub.storage.size=20Gi
{{ end -}}
`;

/** Contents by path within the chart's folder. */
export function chart(defaults = defaultValues): Map<string, string> {
  const templates = Object.entries(FILES).map(
    ([name, items]) => [`templates/${name}.yaml`, print(items)] as const,
  );
  return new Map([
    ['Chart.yaml', stringify(description, { lineWidth: 0 })],
    ['values.yaml', valuesFile(defaults)],
    ['values.schema.json', `${JSON.stringify(schema(), null, 2)}\n`],
    ['templates/NOTES.txt', NOTES],
    ...templates,
  ]);
}

const description = {
  apiVersion: 'v2',
  name: 'kubeshark',
  description: 'See what the services of a cluster say to each other',
  type: 'application',
  version: VERSION,
  appVersion: VERSION,
  // Since then containers name their AppArmor profile in a field.
  kubeVersion: '>=1.30.0-0',
};

interface Described {
  description?: string;
  properties?: Record<string, Described>;
}

function schema(): Described {
  const described = z.toJSONSchema(Values, { target: 'draft-7', io: 'input' }) as Described;
  // Helm gives it to charts within other charts.
  return { ...described, properties: { ...described.properties, global: {} } };
}

/** The default values, each under what its schema says of it. */
function valuesFile(defaults: Values): string {
  const document = new Document(defaults, { aliasDuplicateObjects: false });
  document.commentBefore = ' Written by `npm run chart` from packages/cli/src/manifests/values.ts.';
  comment(document.contents, schema());
  return document.toString({ lineWidth: 0 });
}

function comment(node: unknown, { properties = {} }: Described): void {
  if (!isMap(node)) return;
  for (const { key, value } of node.items) {
    if (!isScalar<string>(key)) continue;
    const member = properties[key.value];
    if (!member) continue;
    if (member.description !== undefined) key.commentBefore = ` ${member.description}`;
    comment(value, member);
  }
}
