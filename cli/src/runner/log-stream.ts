import { open } from 'node:fs/promises';
import { WebSocket } from 'ws';
import { encodeChunk, LogWriterReply } from '../../../contract/log-frames.ts';
import type { Redactor } from '../../../contract/redact/redactor.ts';
import type { Client } from '../client/client.ts';
import { Backoff } from './backoff.ts';
import type { JobFolder, LogStanding } from './job-folder.ts';
import { readMasked } from './masked-spool.ts';

const CHUNK_BYTES = 64 * 1024;
/** This much may be under way without having been sealed; the rest waits in the spool. */
const WINDOW_BYTES = 4 * 1024 * 1024;
/** Output that is older than this is worth a segment of its own. */
const SEAL_AFTER_MS = 60_000;

/**
 * Carries a job's output from its spool to the log: as it comes, again from wherever the log says, until the log has sealed
 * all of it.
 */
export class LogStream {
  readonly #client: Client;
  readonly #folder: JobFolder;
  readonly #backoff = new Backoff(300, 20_000);
  #redactor: Redactor | undefined;
  #socket: WebSocket | undefined;
  #isOpen = false;
  #sent = 0;
  #sealed = 0;
  #gatherMs = 0;
  #totalBytes: number | undefined;
  #isPumping = false;
  #isMore = false;
  #isFinished = false;
  #gathering: NodeJS.Timeout | undefined;
  #sealing: NodeJS.Timeout | undefined;
  #finish: () => void = () => undefined;
  readonly #finished = new Promise<void>((resolve) => (this.#finish = resolve));

  constructor(client: Client, folder: JobFolder) {
    this.#client = client;
    this.#folder = folder;
  }

  async open(): Promise<void> {
    const known = await this.#folder.logStanding();
    if (known?.isComplete === true) {
      this.#finish();
      return;
    }
    this.#sealed = known?.sealed ?? 0;
    this.#connect(known === undefined && (await this.#keep({ sealed: 0, isComplete: false })));
  }

  /** From now on, nothing that it knows leaves the spool as it is. */
  mask(redactor: Redactor): void {
    this.#redactor = redactor;
  }

  /** There is more in the spool. */
  poke(): void {
    if (this.#gathering !== undefined) return;
    this.#gathering = setTimeout(() => {
      this.#gathering = undefined;
      void this.#pump();
    }, this.#gatherMs);
  }

  /** Nothing follows. Resolves when the log has sealed everything. */
  async end(totalBytes: number): Promise<void> {
    // A process that left the job's group may go on writing; what has been sent of that already belongs to the log.
    this.#totalBytes = Math.max(totalBytes, this.#sent);
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    void this.#pump();
    await this.#finished;
  }

  close(): void {
    this.#finish();
    clearTimeout(this.#gathering);
    clearTimeout(this.#sealing);
    this.#isOpen = false;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(1000, 'done');
  }

  #connect(isNew: boolean): void {
    const { address, headers } = this.#client.socket(`/job/log?new=${isNew}`);
    const socket = new WebSocket(address, { headers, perMessageDeflate: false, handshakeTimeout: 10_000 });
    this.#socket = socket;
    socket.on('message', (data) => this.#hear(JSON.parse((data as Buffer).toString('utf8'))));
    socket.on('error', () => undefined); // followed by close
    socket.on('close', () => {
      this.#isOpen = false;
      if (this.#socket === socket) setTimeout(() => this.#reconnect(socket), this.#backoff.next());
    });
  }

  #reconnect(old: WebSocket): void {
    if (this.#socket === old) this.#connect(false);
  }

  #hear(message: unknown): void {
    const parsed = LogWriterReply.safeParse(message);
    if (!parsed.success) return;
    switch (parsed.data.type) {
      case 'sealed':
        void this.#onSealed(parsed.data.offset, parsed.data.complete);
        return;
      case 'resend':
        this.#isOpen = true;
        this.#backoff.reset();
        this.#sent = parsed.data.offset;
        void this.#pump();
        return;
      case 'pace': {
        const isFaster = parsed.data.gatherMs < this.#gatherMs;
        this.#gatherMs = parsed.data.gatherMs;
        if (isFaster) void this.#pump();
      }
    }
  }

  async #onSealed(offset: number, isComplete: boolean): Promise<void> {
    if (this.#isFinished) return; // its folder may be gone
    this.#sealed = Math.max(this.#sealed, offset);
    this.#isFinished = isComplete;
    await this.#keep({ sealed: this.#sealed, isComplete });
    if (isComplete) this.close();
    else void this.#pump();
  }

  /** For the next runner's sake. False: it does not know, and has to ask the log how far it is. */
  async #keep(standing: LogStanding): Promise<boolean> {
    try {
      await this.#folder.keepLogStanding(standing);
      return true;
    } catch {
      return false;
    }
  }

  /** One at a time; a call meanwhile makes it go round once more. */
  async #pump(): Promise<void> {
    this.#isMore = true;
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      while (this.#isMore) {
        this.#isMore = false;
        await this.#sendNew();
      }
    } catch {
      // The spool is gone with its job: there is nothing left to send.
      this.close();
    } finally {
      this.#isPumping = false;
    }
  }

  async #sendNew(): Promise<void> {
    const file = await open(this.#folder.outputLog, 'r').catch(() => undefined);
    try {
      while (file !== undefined && this.#isOpen && this.#sent - this.#sealed < WINDOW_BYTES) {
        const from = this.#sent;
        const size = { bytesMax: CHUNK_BYTES, totalBytes: this.#totalBytes };
        const bytes = await readMasked(file, this.#redactor, from, size);
        if (from !== this.#sent) continue; // told to go back meanwhile
        if (bytes.byteLength === 0) break;
        this.#socket?.send(encodeChunk(from, bytes));
        this.#sent += bytes.byteLength;
        this.#sealLater();
      }
    } finally {
      await file?.close();
    }
    if (this.#isOpen && this.#sent === this.#totalBytes) this.#say({ type: 'end', totalBytes: this.#totalBytes });
  }

  #sealLater(): void {
    this.#sealing ??= setTimeout(() => {
      this.#sealing = undefined;
      if (this.#isOpen && this.#sent > this.#sealed) this.#say({ type: 'seal' });
    }, SEAL_AFTER_MS);
  }

  #say(message: { type: 'seal' } | { type: 'end'; totalBytes: number }): void {
    this.#socket?.send(JSON.stringify(message));
  }
}
