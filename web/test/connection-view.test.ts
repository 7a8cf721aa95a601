import { describe, expect, it } from 'vitest';
import type { Connection, ConnectionHook, ConnectionKind } from '#lib/api/contract.ts';
import {
  connectionChange,
  emptyForm,
  formOf,
  healthOf,
  hookHealth,
  isMoved,
  newConnection,
} from '#lib/features/connections/connection-view.ts';

const kind = (of: ConnectionKind['kind'], way: 'token' | 'keys', base: string | null): ConnectionKind => ({
  kind: of,
  label: of,
  baseUrl: { default: base, hint: '', isRequired: false },
  credentials: [{ kind: way, label: way, where: '', user: 'no', userHint: null, scopes: [] }],
  hooks: null,
});

const github = kind('github', 'token', 'https://github.com');

const aTest = {
  at: '2026-01-01T00:00:00Z',
  ok: true,
  identity: 'ada',
  scopes: [],
  warnings: [],
  problem: null,
  place: null,
};

const aConnection: Connection = {
  id: 'c1',
  name: 'hub',
  kind: 'github',
  baseUrl: 'https://git.example.com',
  apiUrl: null,
  arn: null,
  credentials: { kind: 'token', user: null, appId: null, installationId: null, accessKeyId: null },
  region: null,
  roleArn: null,
  externalId: null,
  disabled: false,
  createdAt: '2026-01-01T00:00:00Z',
  createdBy: 'Ada',
  updatedAt: '2026-01-01T00:00:00Z',
  updatedBy: 'Ada',
  lastTest: aTest,
  pipelines: [],
};

describe('the health of a connection', () => {
  it.each<[string, Connection]>([
    ['Works', aConnection],
    ['Works in part', { ...aConnection, lastTest: { ...aTest, warnings: ['no hooks'] } }],
    ['Does not work', { ...aConnection, lastTest: { ...aTest, ok: false, problem: 'no' } }],
    ['Not tested', { ...aConnection, lastTest: null }],
    ['Disabled', { ...aConnection, disabled: true }],
  ])('is "%s"', (word, connection) => {
    expect(healthOf(connection).word).toBe(word);
  });
});

describe('the health of a hook', () => {
  const none = { problem: null, lastDeliveryAt: null, lastDeliveryStatus: null, lastDeliveryMessage: null };
  const of = (health: Partial<ConnectionHook['health']>, isByHand = false) =>
    hookHealth({ isByHand, health: { state: 'active', ...none, ...health } });

  it('is bad when its last delivery was, whatever the host calls it', () => {
    expect(of({ lastDeliveryStatus: 202 })).toMatchObject({ tone: 'ok' });
    expect(of({ lastDeliveryStatus: 500, lastDeliveryMessage: 'timed out' })).toMatchObject({
      tone: 'bad',
      detail: 'The last delivery was answered 500 (timed out).',
    });
  });

  it('tells one made by hand from one that the host does not speak of', () => {
    expect(of({ state: 'unknown' }, true).word).toBe('Made by hand');
    expect(of({ state: 'unknown', problem: 'no answer' })).toMatchObject({ tone: 'ask', detail: 'no answer' });
    expect(of({ state: 'missing' }).tone).toBe('bad');
    expect(of({ state: 'inactive' }).tone).toBe('bad');
  });
});

describe('the form', () => {
  it('sends nothing for what was left empty', () => {
    const form = { ...emptyForm(github), name: ' hub ', token: ' t ' };
    expect(newConnection(form)).toEqual({
      name: 'hub',
      kind: 'github',
      baseUrl: 'https://github.com',
      apiUrl: null,
      arn: null,
      disabled: false,
      credentials: { kind: 'token', token: 't' },
    });
  });

  it('sends of AWS what belongs to it', () => {
    const form = {
      ...emptyForm(kind('aws', 'keys', null)),
      name: 'cloud',
      region: 'eu-central-1',
      accessKeyId: 'AKIA',
      secretAccessKey: 's',
    };
    expect(newConnection(form)).toEqual({
      name: 'cloud',
      kind: 'aws',
      baseUrl: null,
      region: 'eu-central-1',
      roleArn: null,
      disabled: false,
      credentials: { kind: 'keys', accessKeyId: 'AKIA', secretAccessKey: 's' },
    });
  });

  it('keeps the credentials unless they are typed, and asks for them when the address is another', () => {
    const form = formOf(aConnection, github);
    expect(connectionChange(form, false)).not.toHaveProperty('credentials');
    expect(connectionChange(form, true)).toHaveProperty('credentials');
    expect(isMoved({ ...form, baseUrl: 'https://git.example.com/' }, aConnection)).toBe(false);
    expect(isMoved({ ...form, baseUrl: 'https://other.example.com' }, aConnection)).toBe(true);
    expect(isMoved({ ...form, apiUrl: 'https://api.example.com' }, aConnection)).toBe(true);
  });
});
