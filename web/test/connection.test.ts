import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BACKOFF_MAX_MS, reconnectDelayMs } from '#lib/live/backoff.ts';
import {
  LiveConnection,
  PING_EVERY_MS,
  PONG_WITHIN_MS,
  type LiveStatus,
  type SocketHandlers,
} from '#lib/live/connection.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface FakeSocket extends SocketHandlers {
  readonly path: string;
  readonly sent: string[];
  isClosed: boolean;
}

function connect(onRefused?: () => Promise<'retry' | 'stop'>) {
  const sockets: FakeSocket[] = [];
  const statuses: LiveStatus['state'][] = [];
  const messages: unknown[] = [];
  let wake: () => void = () => undefined;
  let after = 0;
  const connection = new LiveConnection(
    {
      path: () => `/live?after=${after}`,
      onMessage: (data) => messages.push(data),
      onStatus: ({ state }) => statuses.push(state),
      onRefused,
    },
    {
      open(path, handlers) {
        const socket: FakeSocket = { path, sent: [], isClosed: false, ...handlers };
        sockets.push(socket);
        return { send: (data) => socket.sent.push(data), close: () => (socket.isClosed = true) };
      },
      random: () => 0,
      now: () => Date.now(),
      onWake(listener) {
        wake = listener;
        return () => (wake = () => undefined);
      },
    },
  );
  const socket = () => {
    const newest = sockets.at(-1);
    if (newest === undefined) throw new Error('no socket');
    return newest;
  };
  return { connection, sockets, socket, statuses, messages, see: (seq: number) => (after = seq), wake: () => wake() };
}

describe('LiveConnection', () => {
  it('hands on what arrives', () => {
    const { socket, messages } = connect();
    socket().onOpen();
    socket().onMessage('hello');
    expect(messages).toEqual(['hello']);
  });

  it('reconnects by itself and resumes after the last sequence seen', () => {
    const { sockets, socket, see } = connect();
    socket().onOpen();
    see(41);
    socket().onClose(1006);
    vi.advanceTimersByTime(500);
    expect(sockets).toHaveLength(2);
    expect(socket().path).toBe('/live?after=41');
  });

  it('waits longer after each failure, and starts over after a success', () => {
    const { sockets, socket } = connect();
    socket().onClose(1006);
    vi.advanceTimersByTime(500);
    socket().onClose(1006);
    vi.advanceTimersByTime(999);
    expect(sockets).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(sockets).toHaveLength(3);
    socket().onOpen();
    socket().onClose(1006);
    vi.advanceTimersByTime(500);
    expect(sockets).toHaveLength(4);
  });

  it('opens a feed that has moved again at once', () => {
    const { sockets, socket } = connect();
    socket().onOpen();
    socket().onClose(4001);
    expect(sockets).toHaveLength(2);
  });

  it('tries at once when the network or the tab comes back', () => {
    const { sockets, socket, wake } = connect();
    socket().onClose(1006);
    wake();
    expect(sockets).toHaveLength(2);
  });

  it('leaves a healthy socket alone when the tab comes back', () => {
    const { sockets, socket, wake } = connect();
    socket().onOpen();
    vi.advanceTimersByTime(10_000);
    wake();
    expect(sockets).toHaveLength(1);
  });

  it('replaces a socket that has been silent for long when the tab comes back', () => {
    const { sockets, socket, wake } = connect();
    socket().onOpen();
    vi.advanceTimersByTime(60_000);
    wake();
    expect(sockets).toHaveLength(2);
    expect(sockets[0]?.isClosed).toBe(true);
  });

  it('gives up a socket that no longer answers its pings', () => {
    const { sockets, socket } = connect();
    socket().onOpen();
    vi.advanceTimersByTime(PING_EVERY_MS);
    socket().onMessage('pong');
    vi.advanceTimersByTime(PING_EVERY_MS + PONG_WITHIN_MS + 500);
    expect(sockets).toHaveLength(2);
  });

  it('believes a server that has never answered a ping', () => {
    const { sockets, socket } = connect();
    socket().onOpen();
    vi.advanceTimersByTime(10 * PING_EVERY_MS);
    expect(sockets).toHaveLength(1);
  });

  it('does not hand on pongs', () => {
    const { socket, messages } = connect();
    socket().onOpen();
    socket().onMessage('pong');
    expect(messages).toEqual([]);
  });

  it('asks why the upgrade was refused, and stops when it is no use', async () => {
    const { sockets, socket, statuses } = connect(() => Promise.resolve('stop'));
    socket().onClose(1006);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(1);
    expect(statuses.at(-1)).toBe('closed');
  });

  it('does not ask why a socket broke that had been open', async () => {
    const ask = vi.fn(() => Promise.resolve('stop' as const));
    const { socket } = connect(ask);
    socket().onOpen();
    socket().onClose(1006);
    await vi.advanceTimersByTimeAsync(400);
    expect(ask).not.toHaveBeenCalled();
  });

  it('never reconnects once it is closed', () => {
    const { connection, sockets, socket } = connect();
    socket().onOpen();
    connection.close();
    vi.advanceTimersByTime(120_000);
    expect(sockets).toHaveLength(1);
    expect(socket().isClosed).toBe(true);
  });
});

describe('reconnectDelayMs', () => {
  it('doubles from half a second to fifteen', () => {
    expect([1, 2, 3, 4, 5, 6, 7].map((failures) => reconnectDelayMs(failures, 0))).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000,
    ]);
  });

  it('takes away up to half by chance', () => {
    expect(reconnectDelayMs(10, 0.999)).toBeGreaterThanOrEqual(BACKOFF_MAX_MS / 2);
    expect(reconnectDelayMs(10, 0.5)).toBe(BACKOFF_MAX_MS * 0.75);
  });
});
