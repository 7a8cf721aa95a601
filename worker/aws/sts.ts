import { AwsClient } from 'aws4fetch';
import { PermanentFailure, RetryableFailure } from '../kernel/failure.ts';
import { readText } from '../kernel/read-text.ts';

export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface StsParts {
  readonly region: string;
  /** An endpoint other than the regular one. */
  readonly endpoint?: string;
  /** Guards addresses; throws RetryableFailure when there is no answer. */
  readonly send: (request: {
    readonly method: 'POST';
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }) => Promise<Response>;
}

export interface AssumedRole {
  readonly keys: AwsKeys;
  readonly arn: string;
  readonly expiresAt: number;
}

const ANSWER_MAX_BYTES = 64 * 1024;
const SESSION_SECONDS = 3600;
const MESSAGE_MAX_LENGTH = 300;

/** STS, "GetCallerIdentity": the ARN of whoever these keys belong to. Nobody needs a right for it. */
export async function callerArn(keys: AwsKeys, parts: StsParts): Promise<string> {
  const answer = await ask(keys, { Action: 'GetCallerIdentity' }, parts);
  return needed(answer, 'Arn');
}

/** STS, "AssumeRole". The name of the session says in CloudTrail who it was. */
export async function assumeRole(
  keys: AwsKeys,
  role: { readonly arn: string; readonly externalId: string; readonly session: string },
  parts: StsParts,
): Promise<AssumedRole> {
  const answer = await ask(
    keys,
    {
      Action: 'AssumeRole',
      RoleArn: role.arn,
      RoleSessionName: role.session,
      ExternalId: role.externalId,
      DurationSeconds: String(SESSION_SECONDS),
    },
    parts,
  );
  return {
    keys: {
      accessKeyId: needed(answer, 'AccessKeyId'),
      secretAccessKey: needed(answer, 'SecretAccessKey'),
      sessionToken: needed(answer, 'SessionToken'),
    },
    arn: needed(answer, 'Arn'),
    expiresAt: Date.parse(needed(answer, 'Expiration')),
  };
}

async function ask(keys: AwsKeys, parameters: Readonly<Record<string, string>>, parts: StsParts): Promise<string> {
  const { region, endpoint = stsEndpoint(region), send } = parts;
  const body = new URLSearchParams({ ...parameters, Version: '2011-06-15' }).toString();
  const client = new AwsClient({ ...keys, service: 'sts', region, retries: 0 });
  const signed = await client.sign(`${endpoint.replace(/\/+$/, '')}/`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
  });
  const response = await send({ method: 'POST', url: signed.url, headers: Object.fromEntries(signed.headers), body });
  const text = (await readText(response.body, ANSWER_MAX_BYTES)) ?? '';
  if (response.ok) return text;
  throw failure(response.status, text, parameters['Action'] ?? '');
}

function failure(status: number, text: string, action: string): Error {
  const code = tag(text, 'Code') ?? '';
  const said = (tag(text, 'Message') ?? '').slice(0, MESSAGE_MAX_LENGTH);
  const message = `AWS STS answered ${status} to ${action}${code === '' ? '' : ` (${code})`}. ${said}`.trim();
  if (status >= 500 || status === 429 || /Throttl|TooManyRequests/.test(code)) return new RetryableFailure(message);
  const isDenied = status === 401 || status === 403;
  return new PermanentFailure(isDenied ? 'PermissionError' : 'ConfigurationError', message);
}

function stsEndpoint(region: string): string {
  return `https://sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

function needed(xml: string, name: string): string {
  const value = tag(xml, name);
  if (value !== undefined) return value;
  throw new PermanentFailure('ConfigurationError', 'That address does not answer as AWS STS does.');
}

/** The documents are flat and have no attributes, so that no parser is needed to take one value out. */
function tag(xml: string, name: string): string | undefined {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]?.trim();
  return found
    ?.replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}
