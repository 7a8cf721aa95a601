import { AwsClient } from 'aws4fetch';
import { PermanentFailure, RetryableFailure } from '../kernel/failure.ts';
import { readText } from '../kernel/read-text.ts';
import { failureOf, isExpired, jsonCode } from './failure.ts';
import type { AwsIdentity, AwsSessions } from './sessions.ts';

/** A service as its requests name it: the SDK's endpoint rules and "Signing name". */
export interface AwsService {
  /** For people. */
  readonly name: string;
  readonly host: string;
  readonly signing: string;
  /** What stands before the operation in `x-amz-target`; only where the protocol is JSON 1.1. */
  readonly target?: string;
}

export interface AwsRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs?: number;
}

export interface AwsParts {
  /** Guards addresses; throws RetryableFailure when there is no answer. */
  readonly send: (request: AwsRequest) => Promise<Response>;
  readonly sessions: AwsSessions;
}

const ANSWER_MAX_BYTES = 16 * 1024 * 1024;
const ERROR_MAX_BYTES = 64 * 1024;
const REGION = /^[a-z]{2,}(-[a-z0-9]+)+$/;
/** Derived keys, by day, region and service; as in the SDK, once an isolate. */
const signingKeys = new Map<string, ArrayBuffer>();

/** Signed calls of one identity in one region. Nothing is tried again here: whoever asked is asked again as a whole. */
export class AwsCalls {
  readonly identity: AwsIdentity;
  readonly #parts: AwsParts;

  constructor(identity: AwsIdentity, parts: AwsParts) {
    if (!REGION.test(identity.region)) {
      throw new PermanentFailure('ConfigurationError', `"${identity.region}" is no Region of AWS.`);
    }
    this.identity = identity;
    this.#parts = parts;
  }

  /** The same identity in another region. */
  in(region: string): AwsCalls {
    return new AwsCalls({ ...this.identity, region }, this.#parts);
  }

  /** Like `s3.eu-central-1.amazonaws.com`: without the connection's own endpoint, where that is one. */
  hostOf(host: string): string {
    return `${host}.${this.identity.region}.${suffixOf(this.identity.region)}`;
  }

  /** JSON 1.1 ("AWS JSON 1.1 protocol" of Smithy). */
  async json(service: AwsService, operation: string, input: object): Promise<unknown> {
    const { endpoint } = this.identity;
    const response = await this.send(service, {
      method: 'POST',
      url: `${endpoint?.replace(/\/+$/, '') ?? `https://${this.hostOf(service.host)}`}/`,
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `${service.target ?? ''}.${operation}`,
      },
      body: JSON.stringify(input),
    });
    const text = await readText(response.body, response.ok ? ANSWER_MAX_BYTES : ERROR_MAX_BYTES);
    if (text === undefined) {
      await response.body?.cancel().catch(() => undefined);
      throw new PermanentFailure('RevisionUnavailable', `${service.name} answered ${operation} with too much.`);
    }
    const body = objectIn(text);
    if (response.ok && body !== undefined) return body;
    if (response.ok) {
      throw new PermanentFailure('ConfigurationError', `That address does not answer as ${service.name}.`);
    }
    const { message, Message } = body ?? {};
    const said = typeof message === 'string' ? message : typeof Message === 'string' ? Message : '';
    const code = jsonCode(response.headers.get('x-amzn-errortype'), body ?? {});
    throw this.failure(service, operation, response.status, code, said);
  }

  /** The answer, whatever its status. */
  async send(service: AwsService, request: AwsRequest): Promise<Response> {
    const { method, url, headers, body } = request;
    const keys = await this.#parts.sessions.keysOf(this.identity);
    const client = new AwsClient({
      ...keys,
      service: service.signing,
      region: this.identity.region,
      retries: 0,
      cache: signingKeys,
    });
    const signed = await client.sign(url, { method, headers, ...(body === undefined ? {} : { body }) });
    return this.#parts.send({ ...request, url: signed.url, headers: Object.fromEntries(signed.headers) });
  }

  failure(service: AwsService, operation: string, status: number, code: string, message: string): Error {
    if (isExpired({ code }) && this.identity.roles.length > 0) {
      this.#parts.sessions.forget(this.identity);
      return new RetryableFailure(`The session of ${this.identity.roles.at(-1)?.arn ?? ''} has run out.`);
    }
    return failureOf({ service: service.name, operation, status, code, message });
  }
}

function suffixOf(region: string): string {
  if (region.startsWith('cn-')) return 'amazonaws.com.cn';
  return region.startsWith('eusc-') ? 'amazonaws.eu' : 'amazonaws.com';
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
