/** A web server that knows how often it was asked, and for what. */
import type { IncomingMessage } from 'node:http';
import http from 'node:http';

export class CountingServer {
  readonly asked: string[] = [];
  /** Of each answer. */
  headers: Record<string, string> = {};
  /** What it answers to a target. */
  answer: (url: string) => string = (url) => `answer to ${url}`;
  readonly port: number;
  private readonly server: http.Server;

  private constructor(server: http.Server, port: number) {
    this.server = server;
    this.port = port;
    server.on('request', (request, response) => {
      this.asked.push(request.url!);
      response.writeHead(200, this.headers);
      response.end(this.answer(request.url!));
    });
  }

  static async open(host = '127.0.0.1'): Promise<CountingServer> {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    return new CountingServer(server, (server.address() as { port: number }).port);
  }

  /** Asks it, over connections that are kept. */
  async ask(path: string, agent?: http.Agent): Promise<void> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      http.get({ port: this.port, host: '127.0.0.1', path, agent }, resolve).on('error', reject);
    });
    for await (const _ of response);
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
