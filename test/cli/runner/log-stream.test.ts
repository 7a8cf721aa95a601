import { createHash, randomBytes } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Client } from '../../../cli/src/client/client.ts';
import type { JobFolder } from '../../../cli/src/runner/job-folder.ts';
import { LogStream } from '../../../cli/src/runner/log-stream.ts';
import { Chance } from '../../simulation/world.ts';
import { aFolder } from '../../support/cli/folder.ts';
import { aJobFolder, aPayload } from '../../support/cli/jobs.ts';
import { aRunner } from '../../support/cli/runner-process.ts';
import type { Frame, TestLog } from '../../support/cli/test-log.ts';
import { TestPool } from '../../support/cli/test-pool.ts';
import { untilTrue } from '../../support/cli/until.ts';

const MIB = 1024 * 1024;
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

interface Given {
  readonly pool: TestPool;
  readonly log: TestLog;
  readonly folder: JobFolder;
  /** Another runner's stream for the same job, when it is called again. */
  readonly stream: () => LogStream;
}

async function given(): Promise<Given> {
  const pool = await TestPool.start();
  const folder = await aJobFolder();
  const { server, log } = pool.know(folder.payload);
  const stream = (): LogStream => {
    const made = new LogStream(new Client(server), folder);
    onTestFinished(() => made.close());
    return made;
  };
  return { pool, log, folder, stream };
}

async function say(folder: JobFolder, bytes: Buffer | string): Promise<void> {
  await appendFile(folder.outputLog, bytes);
}

async function spoolDigest(folder: JobFolder): Promise<string> {
  return createHash('sha256')
    .update(await readFile(folder.outputLog))
    .digest('hex');
}

const firstOf = (log: TestLog, connection: number): Frame | undefined =>
  log.frames.find((frame) => frame.connection === connection);

function endOfConnection(log: TestLog, connection: number): number {
  const last = log.frames.filter((frame) => frame.connection === connection).at(-1);
  return last === undefined ? 0 : last.offset + last.size;
}

describe('the stream of a log', () => {
  it('carries what is said while it is said, and ends with it', async () => {
    const { log, folder, stream } = await given();
    const open = stream();
    await open.open();
    await say(folder, 'one\n');
    open.poke();
    await untilTrue('the first line', () => log.received === 4);
    expect(log.isComplete).toBe(false);
    await say(folder, 'two');
    await open.end(7);
    expect(log.isComplete).toBe(true);
    expect(log.bytes.toString()).toBe('one\ntwo');
    expect(await folder.logStanding()).toEqual({ sealed: 7, isComplete: true });
  });

  it('is complete for a job that said nothing', async () => {
    const { log, stream } = await given();
    const open = stream();
    await open.open();
    await open.end(0);
    expect(log.isComplete).toBe(true);
    expect(log.frames).toEqual([]);
  });

  it('says once that it begins the log, and asks from then on', async () => {
    const { pool, log, folder, stream } = await given();
    const first = stream();
    await first.open();
    await untilTrue('the first connection', () => log.openings.length === 1);
    first.close();
    const second = stream();
    await second.open();
    await untilTrue('the second connection', () => log.openings.length === 2);
    log.cut();
    await untilTrue('the third connection', () => log.openings.length === 3);
    expect(log.openings).toEqual([true, false, false]);
    await say(folder, 'x');
    await second.end(1);
    await stream().open();
    expect(pool.log(folder.payload.job).openings).toHaveLength(3);
  });

  it('takes up a spool where the log of an earlier runner ends', async () => {
    const { log, folder, stream } = await given();
    await say(folder, randomBytes(3 * MIB));
    const first = stream();
    await first.open();
    await untilTrue('all of it', () => log.received === 3 * MIB);
    first.close();
    await say(folder, 'and more');
    const second = stream();
    await second.open();
    await second.end(3 * MIB + 8);
    expect(firstOf(log, 2)).toMatchObject({ offset: 3 * MIB, size: 8 });
    expect(log.digest).toBe(await spoolDigest(folder));
  });

  it('tries again while the log is not to be had', async () => {
    const { pool, log, folder, stream } = await given();
    pool.logRefusal = 503;
    const open = stream();
    await open.open();
    await say(folder, 'patience');
    const ended = open.end(8);
    await untilTrue('some refusals', () => pool.logRefusals > 1);
    pool.logRefusal = undefined;
    await ended;
    expect(log.bytes.toString()).toBe('patience');
  });

  it('does not send more than a window ahead of what is sealed', async () => {
    const { log, folder, stream } = await given();
    const release = log.holdSealing();
    await say(folder, randomBytes(6 * MIB));
    const open = stream();
    await open.open();
    const ended = open.end(6 * MIB);
    await untilTrue('a full window', () => log.received >= 4 * MIB);
    // A ping's way there and back: whatever was under way has arrived.
    await log.roundTrip();
    expect(log.received).toBe(4 * MIB);
    release();
    await ended;
    expect(log.digest).toBe(await spoolDigest(folder));
  });

  it('learns that the log is complete even if the word of it was lost', async () => {
    const { log, folder, stream } = await given();
    log.cutWhenComplete();
    await say(folder, 'all of it');
    const open = stream();
    await open.open();
    await open.end(9);
    expect(log.openings).toHaveLength(2);
    expect(log.frames).toHaveLength(1);
    expect(await folder.logStanding()).toEqual({ sealed: 9, isComplete: true });
  });

  it('does not mind hearing it twice, with its folder gone', async () => {
    const { log, folder, stream } = await given();
    const open = stream();
    await open.open();
    await say(folder, 'x');
    log.repliesTwice = true;
    await open.end(1);
    await folder.remove();
    await log.roundTrip();
  });
});

describe('a connection of a log that breaks', () => {
  it('costs nothing that has arrived: the next one begins behind it', async () => {
    const { log, folder, stream } = await given();
    await say(folder, randomBytes(5 * MIB));
    log.cutAfter(2.5 * MIB);
    const open = stream();
    await open.open();
    await open.end(5 * MIB);
    expect(log.openings).toEqual([true, false]);
    expect(endOfConnection(log, 1)).toBeGreaterThan(2 * MIB);
    expect(firstOf(log, 2)?.offset).toBe(endOfConnection(log, 1));
    expect(log.frames.reduce((total, { size }) => total + size, 0)).toBe(5 * MIB);
    expect(log.digest).toBe(await spoolDigest(folder));
  });

  it('makes it send again what was not sealed, and only that, when the log has forgotten the rest', async () => {
    const { log, folder, stream } = await given();
    const open = stream();
    await open.open();
    await say(folder, randomBytes(1.5 * MIB));
    open.poke();
    await untilTrue('all of it', () => log.received === 1.5 * MIB && log.bytes.byteLength > 0);
    const sealed = log.bytes.byteLength;
    log.evict();
    await say(folder, randomBytes(MIB));
    await open.end(2.5 * MIB);
    expect(sealed).toBeGreaterThanOrEqual(MIB);
    expect(sealed).toBeLessThan(1.5 * MIB);
    expect(firstOf(log, 2)?.offset).toBe(sealed);
    expect(log.digest).toBe(await spoolDigest(folder));
  });

  it(`leaves 5 MiB identical, however often it breaks (SEED=${SEED})`, async () => {
    const chance = new Chance(SEED);
    const { log, folder, stream } = await given();
    let open = stream();
    await open.open();
    const total = 5 * MIB;
    for (let said = 0; said < total;) {
      const bytes = randomBytes(Math.min(chance.between(1, 600_000), total - said));
      if (chance.is(0.3)) log.cutAfter(chance.between(0, 500_000));
      if (chance.is(0.1)) log.evict();
      if (chance.is(0.1)) {
        open.close();
        open = stream();
        await open.open();
      }
      await say(folder, bytes);
      open.poke();
      said += bytes.byteLength;
    }
    await open.end(total);
    expect(log.bytes.byteLength).toBe(total);
    expect(log.digest).toBe(await spoolDigest(folder));
  });

  it('is not noticed in the log of a real job that says 5 MB', async () => {
    const { pool, runner } = await aRunner();
    const scratch = await aFolder();
    const payload = aPayload({ commands: [`head -c 5000000 /dev/urandom | tee ${scratch}/copy`] });
    const { log } = pool.know(payload);
    log.cutAfter(1_500_000);
    pool.offer(payload);
    await untilTrue('the first break', () => log.openings.length > 1);
    log.cutAfter(1_500_000);
    expect((await pool.hears('finish')).result.outcome).toBe('succeeded');
    await runner.hasNoJobs();
    const said = log.bytes;
    const copy = await readFile(`${scratch}/copy`);
    expect(said.subarray(said.byteLength - 5_000_000).equals(copy)).toBe(true);
    expect(log.openings.length).toBeGreaterThanOrEqual(3);
  });
});
