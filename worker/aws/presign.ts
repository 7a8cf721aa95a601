import { AwsClient } from 'aws4fetch';

export interface S3Target {
  /** Like https://{account}.r2.cloudflarestorage.com, without the bucket. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const EXPIRES_SECONDS = 900;

export interface PresignedPut {
  readonly method: 'PUT';
  readonly url: string;
  /** Part of the signature: the upload must carry them exactly so. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * A single PUT of exactly these bytes: length, SHA-256 and "only if there is nothing yet" are signed (S3, "Authenticating
 * requests: using query parameters"; R2, "Presigned URLs").
 */
export async function presignPut(
  target: S3Target,
  key: string,
  content: { readonly sha256: Uint8Array; readonly sizeBytes: number },
): Promise<PresignedPut> {
  const { endpoint, bucket, accessKeyId, secretAccessKey } = target;
  const client = new AwsClient({ accessKeyId, secretAccessKey, service: 's3', region: 'auto', retries: 0 });
  const url = new URL(`${endpoint.replace(/\/$/, '')}/${bucket}/${key}`);
  url.searchParams.set('X-Amz-Expires', String(EXPIRES_SECONDS));
  const headers = {
    'content-length': String(content.sizeBytes),
    'if-none-match': '*',
    'x-amz-checksum-sha256': btoa(String.fromCharCode(...content.sha256)),
  };
  const signed = await client.sign(url.toString(), {
    method: 'PUT',
    headers,
    aws: { signQuery: true, allHeaders: true },
  });
  return { method: 'PUT', url: signed.url, headers };
}
