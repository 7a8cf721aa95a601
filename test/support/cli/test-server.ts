import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Problem, ProblemCode } from '../../../contract/problem.ts';

export interface Asked {
  readonly method: string;
  /** Without /api/v1. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly token: string;
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

export interface TestServerParts {
  readonly answer: (asked: Asked) => Answer | Promise<Answer>;
  /** An answer instead of nothing refuses the socket with it. */
  readonly accept?: (asked: Asked) => ((socket: WebSocket) => void) | Answer;
}

/** The REST API's place on a real port; what it says is up to the test. */
export class TestServer {
  readonly url: string;
  readonly asked: Asked[] = [];

  private constructor(url: string) {
    this.url = url;
  }

  static async start({ answer, accept = () => ({ status: 404 }) }: TestServerParts): Promise<TestServer> {
    const http = createServer((request, response) => {
      void read(request).then(async (asked) => {
        server.asked.push(asked);
        const { status, body } = await answer(asked);
        const isBytes = Buffer.isBuffer(body) || typeof body === 'string';
        response.writeHead(status, { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' });
        response.end(isBytes || body === undefined ? body : JSON.stringify(body));
      });
    });
    const sockets = new WebSocketServer({ noServer: true });
    http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
      const accepted = accept(askedOf(request, Buffer.alloc(0)));
      if (typeof accepted === 'function') {
        sockets.handleUpgrade(request, stream, head, accepted);
      } else {
        const reason = STATUS_CODES[accepted.status] ?? '';
        stream.end(`HTTP/1.1 ${accepted.status} ${reason}\r\nconnection: close\r\n\r\n`);
      }
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      for (const socket of sockets.clients) socket.terminate();
      http.closeAllConnections();
      http.close();
    });
    const server = new TestServer(`http://127.0.0.1:${(http.address() as AddressInfo).port}`);
    return server;
  }
}

/** Where a server was a moment ago. */
export async function aDeadUrl(): Promise<string> {
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  await new Promise((resolve) => http.close(resolve));
  return `http://127.0.0.1:${port}`;
}

export function problem(status: number, code: ProblemCode, detail: string, errors?: Problem['errors']): Answer {
  const body: Problem = { type: `about:${code}`, title: code, status, code, detail, requestId: 'request-1' };
  return { status, body: errors === undefined ? body : { ...body, errors } };
}

async function read(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return askedOf(request, Buffer.concat(chunks));
}

function askedOf(request: IncomingMessage, body: Buffer): Asked {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  return {
    method: request.method ?? '',
    path: pathname.replace(/^\/api\/v1/, ''),
    query: searchParams,
    token: request.headers.authorization?.replace(/^Bearer /, '') ?? '',
    header: (name) => request.headers[name]?.toString(),
    body,
  };
}
