import type { SourceEvent } from '../../engine/source-event.ts';
import type { ParseResult } from '../trigger-source.ts';

/** The one event of a delivery, or what is wrong with it. */
export type EventRead = { readonly ok: true; readonly event: SourceEvent } | Extract<ParseResult, { ok: false }>;
