/**
 * Workloads with nginx as their sidecars: each application speaks to its own on the pod's loopback. One caller does not know of
 * its sidecar: its connections are redirected to that, as Istio does it, and it sends no id.
 */

/** The caller's sidecar takes what its application says; the server's what comes to the pod. */
const CALLER_SIDECAR = '127.0.0.1:15001';
const SERVER_SIDECAR = 15_006;
const SERVER = 8_080;

/** Two calls for each id, one after the other; a line for each that was answered. */
const CALLER = `
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
const [host, port] = '${CALLER_SIDECAR}'.split(':');
const call = (path, id) => new Promise((resolve) => {
  http.get({ host, port, path, headers: { host: 'back', 'x-request-id': id } }, (answer) => {
    answer.resume().on('end', () => resolve(answer.statusCode));
  }).on('error', () => resolve(0));
});
for (let n = 1; ; n++) {
  const id = process.env.HOSTNAME + '-' + n;
  for (const path of ['/cart?n=' + n, '/stock?n=' + n]) {
    const status = await call(path, id);
    if (status > 0) console.log(JSON.stringify({ id, method: 'GET', path, status }));
  }
  await sleep(100);
}`;

const REDIRECTED_CALLER = `
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
const agent = new http.Agent({ keepAlive: true });
const call = (path) => new Promise((resolve) => {
  http.get({ host: 'back.BACK', path, agent }, (answer) => {
    answer.resume().on('end', () => resolve(answer.statusCode));
  }).on('error', () => resolve(0));
});
for (let n = 1; ; n++) {
  const path = '/stock?redirected=' + n;
  const status = await call(path);
  if (status > 0) console.log(JSON.stringify({ path, status }));
  await sleep(100);
}`;

/** The sidecar's own user: what it sends is not redirected. */
const SIDECAR_USER = 1337;
const REDIRECT = `iptables-restore <<'END'
*nat
-A OUTPUT -o lo -j RETURN
-A OUTPUT -m owner --uid-owner ${SIDECAR_USER} -j RETURN
-A OUTPUT -p tcp -j REDIRECT --to-ports ${CALLER_SIDECAR.split(':')[1]}
COMMIT
END`;

const ANSWERER = `
import http from 'node:http';
http.createServer((request, response) => {
  const status = request.url.startsWith('/stock') ? 503 : 200;
  setTimeout(() => response.writeHead(status).end('answer'), 5);
}).listen(${SERVER}, '127.0.0.1');`;

/** `more`: of its location. */
const nginx = (listen: string | number, to: string, more = '') => `
daemon off; error_log stderr; pid /tmp/nginx.pid; events {}
http {
  client_body_temp_path /tmp/body; proxy_temp_path /tmp/proxy; fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi; scgi_temp_path /tmp/scgi;
  access_log off;
  upstream next { server ${to}; keepalive 4; }
  server {
    listen ${listen};
    location / { proxy_pass http://next; proxy_set_header Host $http_host; proxy_http_version 1.1; proxy_set_header Connection ""; ${more} }
  }
}`;

export interface MeshOptions {
  /** Has node and nginx. */
  image: string;
  front: string;
  back: string;
}

export function meshObjects({ image, front, back }: MeshOptions): Record<string, unknown>[] {
  const next = `back.${back}.svc.cluster.local:80`;
  return [
    ...[front, back].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'back', namespace: back },
      spec: { selector: { app: 'back' }, ports: [{ port: 80, targetPort: SERVER_SIDECAR }] },
    },
    workload('back', back, image, ANSWERER, nginx(SERVER_SIDECAR, `127.0.0.1:${SERVER}`)),
    workload('front', front, image, CALLER, nginx(CALLER_SIDECAR, next)),
    redirected(
      workload(
        'redirected',
        front,
        image,
        REDIRECTED_CALLER.replace('BACK', back),
        nginx(CALLER_SIDECAR, next, 'proxy_set_header X-Request-ID $request_id;'),
      ),
    ),
  ];
}

/** What the application sends goes to the sidecar, whomever it is for. */
function redirected(object: ReturnType<typeof workload>) {
  const { containers } = object.spec.template.spec;
  const [application, sidecar] = containers;
  const init = {
    ...application,
    name: 'redirect',
    command: ['sh', '-c', REDIRECT],
    securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
  };
  const spec = {
    ...object.spec.template.spec,
    initContainers: [init],
    containers: [application, { ...sidecar, securityContext: { runAsUser: SIDECAR_USER } }],
  };
  return { ...object, spec: { ...object.spec, template: { ...object.spec.template, spec } } };
}

function workload(name: string, namespace: string, image: string, program: string, sidecar: string) {
  const labels = { app: name };
  const container = (of: string, command: string[]) => ({
    name: of,
    image,
    imagePullPolicy: 'IfNotPresent',
    command,
  });
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [
            container('app', ['node', '--input-type=module', '-e', program]),
            container('sidecar', [
              'sh',
              '-c',
              'printf %s "$0" > /tmp/nginx.conf && exec nginx -c /tmp/nginx.conf',
              sidecar,
            ]),
          ],
        },
      },
    },
  };
}
