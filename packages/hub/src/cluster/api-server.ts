/** Requests to the API server, as whom and how the kubeconfig says. */
import type { IncomingMessage } from 'node:http';
import { request as requestPlainly } from 'node:http';
import type { RequestOptions } from 'node:https';
import { request as requestSecurely } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';

/** Until the head of an answer has to be there. */
const HEAD_MS = 30_000;
/** How often a silent connection is tried, so that one that is dead is known. */
const KEEP_ALIVE_MS = 30_000;
/** Of the text of a refusal. */
const MESSAGE_BYTES = 65_536;

/** The API server said no. */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal';
  readonly status: number;
  /** Seconds that it asks to be left alone for. */
  readonly retryAfter: number;

  constructor(status: number, message: string, retryAfter = 0) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** A body is longer than it may be. */
export class BodyTooLong extends Error {
  override readonly name = 'BodyTooLong';
}

export class ApiServer {
  /** Requests made. */
  asked = 0;
  private readonly config: KubeConfig;

  constructor(config: KubeConfig) {
    this.config = config;
  }

  /** An answer whose body is to be read. Throws `ApiRefusal` when it is none of success. */
  async get(path: string, accept: string, signal: AbortSignal): Promise<IncomingMessage> {
    const cluster = this.config.getCurrentCluster();
    if (!cluster) throw new Error('the kubeconfig names no cluster');
    const options: RequestOptions = { headers: { accept, 'user-agent': 'kubeshark-hub' } };
    // Anew each time: the tokens of pods, and certificates, are replaced while we run.
    await this.config.applyToHTTPSOptions(options);
    // Node's own agent keeps connections and knows them by their certificates; this one would keep the first ones for ever.
    if (!cluster.proxyUrl) delete options.agent;
    signal.throwIfAborted();
    this.asked++;
    const response = await answer(`${cluster.server.replace(/\/$/, '')}${path}`, options, signal);
    const { statusCode = 0, headers } = response;
    if (statusCode >= 200 && statusCode < 300) return response;
    const text = await textOf(response, MESSAGE_BYTES).catch(() => '');
    throw new ApiRefusal(
      statusCode,
      saidIn(text)?.message ?? `HTTP status ${statusCode}`,
      Number(headers['retry-after']) || 0,
    );
  }

  /** Throws `BodyTooLong` beyond `limit`. */
  async json(path: string, accept: string, limit: number, signal: AbortSignal): Promise<unknown> {
    return JSON.parse(await textOf(await this.get(path, accept, signal), limit));
  }
}

function answer(url: string, options: RequestOptions, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = url.startsWith('https:') ? requestSecurely : requestPlainly;
    const asking = request(url, { ...options, signal }, (response) => {
      clearTimeout(timer);
      resolve(response);
    });
    const timer = setTimeout(
      () => asking.destroy(new Error(`no answer within ${HEAD_MS / 1000} s`)),
      HEAD_MS,
    );
    asking.once('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS));
    asking.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    asking.end();
  });
}

async function textOf(response: IncomingMessage, limit: number): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Leaving the loop ends the connection.
    if (length > limit) throw new BodyTooLong(`an answer of more than ${limit} bytes`);
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString();
}

/** What an answer of failure says. The API server's own is a `Status`; something in between, a proxy or load balancer, may say anything. */
export function saidIn(body: unknown): { own: boolean; message: string } | null {
  try {
    const said = (typeof body === 'string' ? JSON.parse(body) : body) as Record<string, unknown> | null;
    const message = said?.['message'];
    return typeof message === 'string' && message !== ''
      ? { own: said?.['kind'] === 'Status', message }
      : null;
  } catch {
    return null;
  }
}
