import { answerCodeCommit, type StoredRepository } from './code-commit.ts';
import { answerEcr, type StoredImage } from './ecr.ts';
import { answerS3, type StoredBucket, type StoredVersion } from './s3.ts';
import { answerSts } from './sts.ts';

/** Stands in for AWS, in memory, for our own requests and for those of its SDK. Knows one key. */
export class AwsDouble {
  static readonly KEY = 'AKIADOUBLE000001';
  readonly buckets = new Map<string, StoredBucket>();
  /** By repository, the newest last. */
  readonly images = new Map<string, readonly StoredImage[]>();
  readonly repositories = new Map<string, StoredRepository>();
  readonly asked: Request[] = [];
  /** What is answered instead, once each. */
  readonly instead: Response[] = [];

  readonly answer = async (request: Request): Promise<Response> => {
    this.asked.push(request.clone());
    const instead = this.instead.shift();
    if (instead !== undefined) return instead;
    const { hostname } = new URL(request.url);
    const credential = /Credential=([^/]+)\//.exec(request.headers.get('authorization') ?? '')?.[1] ?? '';
    if (credential !== AwsDouble.KEY && !credential.startsWith('ASIA')) {
      return json(403, { __type: 'UnrecognizedClientException', message: 'The security token is invalid.' });
    }
    if (hostname.startsWith('sts.')) return answerSts(await request.text());
    if (/(^|\.)s3\./.test(hostname)) return answerS3(this.buckets, request);
    const body: unknown = await request.json();
    const target = request.headers.get('x-amz-target') ?? '';
    if (hostname.startsWith('api.ecr.') && target.endsWith('.DescribeImages')) {
      const { status, body: told } = answerEcr(this.images, body as Parameters<typeof answerEcr>[1]);
      return json(status, told);
    }
    if (hostname.startsWith('codecommit.')) {
      const operation = target.slice(target.indexOf('.') + 1);
      const order = body as Parameters<typeof answerCodeCommit>[2];
      const { status, body: told } = answerCodeCommit(this.repositories, operation, order);
      return json(status, told);
    }
    return json(404, { __type: 'UnknownOperationException' });
  };

  /** Puts a version of an object into a bucket, which is made if need be. */
  put(bucket: string, key: string, ...versions: readonly StoredVersion[]): void {
    const known = this.buckets.get(bucket) ?? {
      region: 'eu-central-1',
      isVersioned: true,
      objects: new Map<string, StoredVersion[]>(),
    };
    this.buckets.set(bucket, known);
    known.objects.set(key, [...(known.objects.get(key) ?? []), ...versions]);
  }
}

export function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'r-1' },
  });
}
