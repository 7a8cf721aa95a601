import { describe, expect, it } from 'vitest';
import { encodeChunk } from '../../contract/log-frames.ts';
import { LogAssembly } from '#lib/features/logs/log-assembly.ts';

const utf8 = new TextEncoder();

function frame(offset: number, text: string | Uint8Array): ArrayBuffer {
  return encodeChunk(offset, typeof text === 'string' ? utf8.encode(text) : text).buffer;
}

describe('LogAssembly', () => {
  it('reads the frames that the contract writes', () => {
    const assembly = new LogAssembly();
    expect(assembly.accept(frame(0, 'hello '))?.text).toBe('hello ');
    expect(assembly.accept(frame(6, 'world'))).toEqual({ text: 'world', missingBytes: 0 });
    expect(assembly.offset).toBe(11);
  });

  it('drops a piece that it has seen', () => {
    const assembly = new LogAssembly();
    assembly.accept(frame(0, 'hello'));
    expect(assembly.accept(frame(0, 'hello'))).toBeUndefined();
  });

  it('takes only the new part of a piece that overlaps', () => {
    const assembly = new LogAssembly();
    assembly.accept(frame(0, 'hello'));
    expect(assembly.accept(frame(3, 'lo world'))?.text).toBe(' world');
  });

  it('says how much is missing and goes on behind it', () => {
    const assembly = new LogAssembly();
    assembly.accept(frame(0, 'hello'));
    expect(assembly.accept(frame(20, 'later'))).toEqual({ text: 'later', missingBytes: 15 });
    expect(assembly.offset).toBe(25);
  });

  it('keeps a character whole that was cut between two pieces', () => {
    const [first, second] = [utf8.encode('ü').slice(0, 1), utf8.encode('ü').slice(1)];
    const assembly = new LogAssembly();
    expect(assembly.accept(frame(0, first))?.text).toBe('');
    expect(assembly.accept(frame(1, second))?.text).toBe('ü');
  });

  it('does not glue half a character to what follows a gap', () => {
    const assembly = new LogAssembly();
    assembly.accept(frame(0, utf8.encode('ü').slice(0, 1)));
    expect(assembly.accept(frame(10, 'next'))?.text).toBe('next');
  });

  it('ignores a frame too short to be one', () => {
    expect(new LogAssembly().accept(new ArrayBuffer(3))).toBeUndefined();
  });
});
