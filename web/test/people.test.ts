import { describe, expect, it } from 'vitest';
import { deviceName } from '#lib/features/account/device-name.ts';
import { givableBy, mayChange } from '#lib/features/members/roles.ts';
import { invitationOf, isPublicPath, safeReturnPath, withReturn } from '#lib/features/session/return-path.ts';
import { shortName } from '#lib/features/session/short-name.ts';

describe('the way back after signing in', () => {
  it('leads to an invitation, and never to another door', () => {
    expect(safeReturnPath('/invitations/abc123')).toBe('/invitations/abc123');
    expect(invitationOf('/invitations/abc123')).toBe('abc123');
    expect(invitationOf('/invitations/abc/../x')).toBeUndefined();
    expect(safeReturnPath('/sign-up?return=/x')).toBe('/');
    expect(withReturn('/sign-up', '/invitations/a')).toBe('/sign-up?return=%2Finvitations%2Fa');
    expect(withReturn('/sign-up', '/')).toBe('/sign-up');
  });

  it('asks nobody to sign in who is on the way in', () => {
    for (const door of ['/sign-in', '/sign-up', '/forgot-password', '/reset-password', '/verify-email']) {
      expect(isPublicPath(door)).toBe(true);
    }
    expect(isPublicPath('/tenants')).toBe(false);
    expect(isPublicPath('/invitations/abc')).toBe(false);
  });
});

describe('roles on the screen', () => {
  it('offers nothing above one’s own, and leaves those above alone', () => {
    expect(givableBy('admin').map(({ role }) => role)).toEqual(['viewer', 'operator', 'maintainer', 'admin']);
    expect(givableBy(undefined)).toEqual([]);
    expect(mayChange('admin', 'owner')).toBe(false);
    expect(mayChange('owner', 'owner')).toBe(true);
    expect(mayChange('maintainer', 'viewer')).toBe(false);
  });
});

describe('names', () => {
  it('become short ones that addresses can hold', () => {
    expect(shortName('Söhne & Co.')).toBe('sohne-co');
    expect(shortName('  --  ')).toBe('');
    expect(shortName('x'.repeat(39) + ' y')).toHaveLength(39);
  });

  it('say what a browser is', () => {
    expect(deviceName('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36')).toBe(
      'Chrome on Linux',
    );
    expect(deviceName(undefined)).toBe('Unknown device');
  });
});
