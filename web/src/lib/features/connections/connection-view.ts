import type {
  Connection,
  ConnectionChange,
  ConnectionHook,
  ConnectionKind,
  NewConnection,
} from '#lib/api/contract.ts';

export interface Health {
  readonly tone: 'ok' | 'bad' | 'ask' | 'idle';
  readonly word: string;
  /** What is wrong, or who it is. */
  readonly detail: string;
}

export function healthOf({ disabled, lastTest }: Pick<Connection, 'disabled' | 'lastTest'>): Health {
  if (disabled) return { tone: 'idle', word: 'Disabled', detail: 'Nothing uses it.' };
  if (lastTest === null) return { tone: 'idle', word: 'Not tested', detail: 'Test it to see whether it works.' };
  if (!lastTest.ok) return { tone: 'bad', word: 'Does not work', detail: lastTest.problem ?? '' };
  const identity = `As ${lastTest.identity ?? 'somebody'}`;
  if (lastTest.warnings.length > 0) return { tone: 'ask', word: 'Works in part', detail: identity };
  return { tone: 'ok', word: 'Works', detail: identity };
}

export function hookHealth({ health, isByHand }: Pick<ConnectionHook, 'health' | 'isByHand'>): Health {
  const { state, problem, lastDeliveryStatus: status, lastDeliveryMessage: message } = health;
  const last = status === null ? 'No delivery yet.' : `The last delivery was answered ${status}${said(message)}.`;
  switch (state) {
    case 'active':
      return { tone: status !== null && status >= 400 ? 'bad' : 'ok', word: 'Active', detail: last };
    case 'inactive':
      return { tone: 'bad', word: 'Switched off', detail: problem ?? last };
    case 'missing':
      return { tone: 'bad', word: 'Missing', detail: problem ?? '' };
    case 'unknown':
      if (isByHand) return { tone: 'idle', word: 'Made by hand', detail: 'How it is doing, the host alone can say.' };
      return { tone: 'ask', word: 'Unknown', detail: problem ?? 'The host could not be asked.' };
  }
}

function said(message: string | null): string {
  return message === null || message === '' ? '' : ` (${message})`;
}

/** What somebody has typed; empty: nothing. */
export interface ConnectionForm {
  readonly name: string;
  readonly kind: ConnectionKind['kind'];
  readonly way: ConnectionKind['credentials'][number]['kind'];
  readonly baseUrl: string;
  readonly apiUrl: string;
  readonly arn: string;
  readonly user: string;
  readonly token: string;
  readonly appId: string;
  readonly installationId: string;
  readonly privateKey: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly roleArn: string;
  readonly disabled: boolean;
}

export function emptyForm(kind: ConnectionKind): ConnectionForm {
  return {
    name: '',
    kind: kind.kind,
    way: kind.credentials[0]?.kind ?? 'token',
    baseUrl: kind.baseUrl.default ?? '',
    apiUrl: '',
    arn: '',
    user: '',
    token: '',
    appId: '',
    installationId: '',
    privateKey: '',
    accessKeyId: '',
    secretAccessKey: '',
    region: '',
    roleArn: '',
    disabled: false,
  };
}

export function formOf(connection: Connection, kind: ConnectionKind): ConnectionForm {
  const { credentials, name, baseUrl, apiUrl, arn, region, roleArn, disabled } = connection;
  return {
    ...emptyForm(kind),
    name,
    way: credentials.kind,
    baseUrl: baseUrl ?? '',
    apiUrl: apiUrl ?? '',
    arn: arn ?? '',
    user: credentials.user ?? '',
    appId: credentials.appId ?? '',
    installationId: credentials.installationId ?? '',
    accessKeyId: credentials.accessKeyId ?? '',
    region: region ?? '',
    roleArn: roleArn ?? '',
    disabled,
  };
}

/** Another address wants the credentials again: the server sends none that it has to where they have not been. */
export function isMoved(form: ConnectionForm, { baseUrl, apiUrl }: Connection): boolean {
  const same = (text: string, before: string | null): boolean => text.trim().replace(/\/+$/, '') === (before ?? '');
  return !same(form.baseUrl, baseUrl) || !same(form.apiUrl, apiUrl);
}

export function newConnection(form: ConnectionForm): NewConnection {
  return { name: form.name.trim(), kind: form.kind, ...membersOf(form), credentials: credentialsOf(form) };
}

export function connectionChange(form: ConnectionForm, hasNewCredentials: boolean): ConnectionChange {
  return {
    name: form.name.trim(),
    ...membersOf(form),
    ...(hasNewCredentials ? { credentials: credentialsOf(form) } : {}),
  };
}

function membersOf({ kind, baseUrl, apiUrl, arn, region, roleArn, disabled }: ConnectionForm) {
  const own =
    kind === 'aws' ? { region: given(region), roleArn: given(roleArn) } : { apiUrl: given(apiUrl), arn: given(arn) };
  return { baseUrl: given(baseUrl), ...own, disabled };
}

function credentialsOf(form: ConnectionForm): NewConnection['credentials'] {
  const { user, installationId } = form;
  switch (form.way) {
    case 'token':
      return { kind: 'token', token: form.token.trim(), ...(user.trim() === '' ? {} : { user: user.trim() }) };
    case 'app':
      return {
        kind: 'app',
        appId: form.appId.trim(),
        privateKey: form.privateKey,
        ...(installationId.trim() === '' ? {} : { installationId: installationId.trim() }),
      };
    case 'keys':
      return {
        kind: 'keys',
        accessKeyId: form.accessKeyId.trim(),
        secretAccessKey: form.secretAccessKey.trim(),
      };
  }
}

function given(text: string): string | null {
  return text.trim() === '' ? null : text.trim();
}
