import { PermanentFailure, RetryableFailure } from '../kernel/failure.ts';

/** What AWS said, whichever protocol it said it in. */
export interface AwsError {
  /** Of the service, for people: `Amazon S3`. */
  readonly service: string;
  readonly operation: string;
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const MESSAGE_MAX_LENGTH = 300;
/** "Error retries" of the SDK: what is refused now and may be granted later. */
const TRANSIENT =
  /Throttl|TooManyRequests|SlowDown|RequestLimitExceeded|BandwidthLimitExceeded|PriorRequestNotComplete|RequestTimeout|Internal(Failure|Error|Service)|ServiceUnavailable|ServerException|ServiceException$|OperationAborted|EncryptionIntegrityChecksFailed|EncryptionKeyUnavailable/;
const DENIED =
  /^AccessDenied|^Unauthorized|^AuthFailure|^AuthorizationError|^UnrecognizedClient|^InvalidClientTokenId|^InvalidAccessKeyId|^InvalidToken$|^Expired?Token|^RequestExpired|Signature|AccessDenied(Exception)?$/;
/** The session of a role has run out before its time, or was revoked. A new one may do. */
const EXPIRED = /^ExpiredToken/;
/** What was asked for is not there, or not to be had. A bucket or a repository that is not there is another matter: a mistake. */
const GONE =
  /^(NoSuchKey|NoSuchVersion|ImageNotFoundException|FileTooLargeException|(Branch|Commit|CommitId|Reference|Path|Folder|Blob(Id)?)DoesNotExistException)$/;

export function failureOf(error: AwsError): PermanentFailure | RetryableFailure {
  const { service, operation, status, code, message } = error;
  const said = message.slice(0, MESSAGE_MAX_LENGTH).trim();
  const text = `${service} answered ${status} to ${operation}${code === '' ? '' : ` (${code})`}. ${said}`.trim();
  if (status >= 500 || status === 429 || TRANSIENT.test(code)) return new RetryableFailure(text);
  if (status === 401 || status === 403 || DENIED.test(code)) return new PermanentFailure('PermissionError', text);
  return new PermanentFailure(GONE.test(code) ? 'RevisionUnavailable' : 'ConfigurationError', text);
}

export function isExpired({ code }: Pick<AwsError, 'code'>): boolean {
  return EXPIRED.test(code);
}

/** Of JSON protocols: a header, else a member of the body, with a namespace in front or an address behind. */
export function jsonCode(header: string | null, body: Readonly<Record<string, unknown>>): string {
  const { __type: type, code } = body;
  const found = header ?? (typeof type === 'string' ? type : typeof code === 'string' ? code : '');
  const name = found.split('#').at(-1) ?? '';
  return name.split(':')[0] ?? '';
}
