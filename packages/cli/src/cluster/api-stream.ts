/** An answer of the API server as a stream, for what is too long to be held. */
import type { IncomingMessage } from 'node:http';
import { request as requestHttp } from 'node:http';
import type { RequestOptions } from 'node:https';
import { request as requestHttps } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { statusMessage } from './api-problem.ts';

const ERROR_BYTES = 65_536;

/** Rejects with the API server's words when it says no. */
export async function apiStream(
  config: KubeConfig,
  path: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const server = config.getCurrentCluster()!.server;
  const url = new URL(server.replace(/\/$/, '') + path);
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const request = (url.protocol === 'http:' ? requestHttp : requestHttps)(url, { ...options, signal });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve).on('error', reject).end();
  });
  if (response.statusCode === 200) return response;
  let body = '';
  for await (const chunk of response) {
    body += String(chunk);
    if (body.length > ERROR_BYTES) break;
  }
  throw new Error(statusMessage(body) ?? `HTTP ${response.statusCode}`);
}
